using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lambda.Events;

/// <summary>
/// A hash of short byte strings for tables in memory. Eight bytes a step are folded by a 64×64→128-bit product; the seed differs from
/// process to process, so that keys made to collide do not.
/// </summary>
internal static class Utf8Hash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private static readonly ulong Seed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private static readonly ulong SecondSeed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static uint Of(ReadOnlySpan<byte> data)
    {
        ulong hash = Seed ^ (ulong)data.Length;
        while (data.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(data));
            data = data[sizeof(ulong)..];
        }

        ulong tail = 0;
        for (int i = 0; i < data.Length; i++)
        {
            tail |= (ulong)data[i] << (8 * i);
        }

        return (uint)Mix(hash ^ tail);
    }

    /// <summary>A hash of a text of which the words tell everything; another one than that of its bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(TextWords words)
    {
        ulong high = Math.BigMul(words.First ^ Seed, words.Last ^ SecondSeed ^ (uint)words.Length, out ulong low);
        return (uint)(high ^ low);
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier, out ulong low);
        return high ^ low;
    }
}
