using System.Numerics;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>
/// Tells of most hashes that they are not among some others, in a small part of the memory that these take. A Bloom filter whose blocks are words (Putze, Sanders, Singler:
/// "Cache-, Hash- and Space-Efficient Bloom Filters", 2007), with two bits a hash.
/// </summary>
/// <param name="hashes">How many hashes it is for; more are told apart less well.</param>
internal sealed class HashFilter(int hashes)
{
    private const int BitsPerHash = 16;
    private const int BitsPerWord = 64;
    private const int IndexBits = 6;

    private readonly ulong[] _words = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, (long)hashes * BitsPerHash / BitsPerWord))];

    public void Add(ulong hash) => _words[WordOf(hash)] |= Bits(hash);

    /// <summary>Puts those that may have been added first, in their order.</summary>
    /// <returns>How many these are.</returns>
    public int Keep(Span<ulong> of)
    {
        int kept = 0;
        foreach (ulong hash in of)
        {
            ulong bits = Bits(hash);

            // Without a branch, so that the processor fetches the next words while it waits for one.
            of[kept] = hash;
            kept += (_words[WordOf(hash)] & bits) == bits ? 1 : 0;
        }

        return kept;
    }

    /// <summary>Of other bits of the hash than <see cref="Bits"/>.</summary>
    private int WordOf(ulong hash) => (int)(hash >> (2 * IndexBits)) & (_words.Length - 1);

    private static ulong Bits(ulong hash) => (1UL << (int)hash) | (1UL << (int)(hash >> IndexBits));
}
