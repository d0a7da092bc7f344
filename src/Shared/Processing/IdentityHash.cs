using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lambda.Processing;

/// <summary>
/// A 64-bit hash of what makes two records the same event. Only used to find suspects: equal hashes are compared by value afterwards. The seed
/// differs from process to process, so that ids made to collide cost nothing but that comparison.
/// </summary>
internal static class IdentityHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private static readonly ulong Seed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The hash of an id and an event time; never 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> id, long eventTime) => Of(OfId(id), eventTime);

    /// <summary>The hash of an id and an event time; never 0.</summary>
    /// <param name="id">The hash of the id.</param>
    /// <param name="eventTime">The event time.</param>
    public static ulong Of(ulong id, long eventTime) => NotZero(Mix(Mix(Seed ^ (ulong)eventTime) ^ id));

    /// <summary>The hash of an id alone; never 0.</summary>
    public static ulong OfId(ReadOnlySpan<byte> id) => NotZero(XxHash3.HashToUInt64(id, (long)Seed));

    private static ulong NotZero(ulong hash) => hash == 0 ? 1 : hash;

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier, out ulong low);
        return high ^ low ^ (value >> 29);
    }
}
