using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Lambda.Batch.History.Delta;

/// <summary>The Castagnoli checksum (RFC 3720, appendix B.4) by the processor's own instruction.</summary>
internal static class Crc32C
{
    /// <summary>The checksum as text, with the name of its algorithm.</summary>
    public static string TextOf(ReadOnlySpan<byte> data) => string.Create(CultureInfo.InvariantCulture, $"crc32c:{Of(data):x8}");

    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
