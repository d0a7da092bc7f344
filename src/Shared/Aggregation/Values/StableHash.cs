using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lambda.Aggregation.Values;

/// <summary>
/// Hashes of 64 bits that are kept at rest inside sketches, so they must never change. Integers by the finaliser of SplitMix64 (Steele, Lea, Flood:
/// "Fast splittable pseudorandom number generators", 2014), bytes by folded 128-bit products as in wyhash (Wang Yi).
/// </summary>
internal static class StableHash
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const ulong First = 0xA0761D6478BD642F;
    private const ulong Second = 0xE7037ED1A0B428DB;

    /// <summary>The hash of an integer.</summary>
    public static ulong Of(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>The hash of a text's UTF-16 code units.</summary>
    public static ulong Of(string value) => Of(MemoryMarshal.AsBytes(value.AsSpan()));

    /// <summary>The hash of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong state = First ^ (ulong)bytes.Length;
        while (bytes.Length >= 16)
        {
            state = Fold(BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ Second, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ state);
            bytes = bytes[16..];
        }

        Span<byte> rest = stackalloc byte[16];
        rest.Clear();
        bytes.CopyTo(rest);
        state = Fold(BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ Second, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) ^ state);
        return Of(state);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
