using System.Buffers.Binary;
using System.Numerics;

namespace Lambda.Capture.Spilling;

/// <summary>
/// An event in a spill file: length of key and value together, length of the key, CRC-32C over both lengths and the bytes (4 bytes each, little-endian), then
/// key and value. What a crash tore off fails the length or the checksum.
/// </summary>
internal static class SpillFrame
{
    public const int HeaderBytes = 12;

    /// <summary>No event is as long; a length above it is damage and must not be believed.</summary>
    private const int MostBytes = 1 << 29;

    /// <summary>How many bytes an event takes.</summary>
    public static int SizeOf(int bytes) => HeaderBytes + bytes;

    /// <summary>Writes an event.</summary>
    /// <returns>How many bytes it took.</returns>
    public static int Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> destination)
    {
        int length = key.Length + value.Length;
        BinaryPrimitives.WriteInt32LittleEndian(destination, length);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], key.Length);
        key.CopyTo(destination[HeaderBytes..]);
        value.CopyTo(destination[(HeaderBytes + key.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Checksum(destination[..8], destination.Slice(HeaderBytes, length)));
        return HeaderBytes + length;
    }

    /// <summary>How many bytes the event at the start of <paramref name="source"/> takes; null when that cannot be one.</summary>
    public static int? Measure(ReadOnlySpan<byte> source)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(source);
        int key = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        return length is >= 0 and <= MostBytes && key >= 0 && key <= length ? HeaderBytes + length : null;
    }

    /// <summary>Whether a frame, which is there in full, is as it was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> frame) =>
        Checksum(frame[..8], frame[HeaderBytes..]) == BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]);

    public static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> frame) => frame.Slice(HeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(frame[4..]));

    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> frame) => frame[(HeaderBytes + BinaryPrimitives.ReadInt32LittleEndian(frame[4..]))..];

    private static uint Checksum(ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> content)
    {
        uint sum = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(lengths));
        while (content.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(content));
            content = content[sizeof(ulong)..];
        }

        foreach (byte value in content)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return ~sum;
    }
}
