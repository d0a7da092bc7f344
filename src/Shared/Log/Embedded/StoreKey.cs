using System.Buffers.Binary;

namespace Lambda.Log.Embedded;

/// <summary>
/// The keys of the store, big-endian so that byte order is number order:
/// <c>s</c> stream → its definition; <c>l</c> stream partition → its low offset; <c>d</c> stream partition base-offset → a chunk of records.
/// </summary>
internal static class StoreKey
{
    public const int ChunkLength = 17;
    public const int LowLength = 9;
    public const int StreamLength = 5;

    private const byte Chunk = (byte)'d';
    private const byte Low = (byte)'l';
    private const byte Stream = (byte)'s';

    public static void WriteChunk(Span<byte> key, int stream, int partition, long baseOffset)
    {
        WritePartition(key, Chunk, stream, partition);
        BinaryPrimitives.WriteInt64BigEndian(key[9..], baseOffset);
    }

    public static void WriteLow(Span<byte> key, int stream, int partition) => WritePartition(key, Low, stream, partition);

    public static void WriteStream(Span<byte> key, int stream)
    {
        key[0] = Stream;
        BinaryPrimitives.WriteInt32BigEndian(key[1..], stream);
    }

    public static bool IsStream(ReadOnlySpan<byte> key) => key.Length == StreamLength && key[0] == Stream;

    public static int StreamOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt32BigEndian(key[1..]);

    /// <summary>Whether the key is that of a chunk of this partition, and if so the offset of the chunk's first record.</summary>
    public static bool TryReadChunk(ReadOnlySpan<byte> key, int stream, int partition, out long baseOffset)
    {
        Span<byte> expected = stackalloc byte[LowLength];
        WritePartition(expected, Chunk, stream, partition);
        bool found = key.Length == ChunkLength && key.StartsWith(expected);
        baseOffset = found ? BinaryPrimitives.ReadInt64BigEndian(key[9..]) : 0;
        return found;
    }

    private static void WritePartition(Span<byte> key, byte kind, int stream, int partition)
    {
        key[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(key[1..], stream);
        BinaryPrimitives.WriteInt32BigEndian(key[5..], partition);
    }
}
