using System.Numerics;
using Lambda.Aggregation.Encoding;

namespace Lambda.Aggregation.Numerics;

/// <summary>
/// HyperLogLog with the sparse form of HyperLogLog++ (S. Heule, M. Nunkesser, A. Hall: "HyperLogLog in practice", 2013): a few values are kept as the 25
/// bits of their hashes that choose a place, with the number of leading zeros behind them; many as 2^14 registers of the most leading zeros. Estimates
/// from registers by O. Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which has no bias in need of
/// correction by tables. Both forms, and which of the two it is, depend on the set of values only.
/// </summary>
/// <remarks><c>default</c> is empty. A variable or array slot owns its arrays: copy by merging, never by assignment.</remarks>
internal struct DistinctSketch
{
    /// <summary>The standard error of estimates from registers, 1.04 / √2^14; with few values it is far less.</summary>
    public const double StandardError = 0.0081;

    private const int IndexBits = 14;
    private const int Registers = 1 << IndexBits;
    private const int SparseIndexBits = 25;
    private const int RankBits = 6;
    private const int RankMask = (1 << RankBits) - 1;

    /// <summary>More entries than these take as many bytes in memory as the registers would.</summary>
    private const int MostSparse = 1024;

    private const byte Version = 1;
    private const byte SparseForm = 0;
    private const byte DenseForm = 1;

    /// <summary>
    /// Sparse: open addressing by linear probing; place and rank of an entry, plus 1, and 0 where free. The length is a power of two, at most half full.
    /// Null when empty or dense.
    /// </summary>
    private int[]? _entries;
    private int _count;

    /// <summary>Dense: per register the greatest rank; null while sparse.</summary>
    private byte[]? _registers;

    /// <summary>Adds a value by its hash.</summary>
    public void Add(ulong hash)
    {
        if (_registers is { } registers)
        {
            int index = (int)(hash >> (64 - IndexBits));
            byte rank = (byte)(BitOperations.LeadingZeroCount((hash << IndexBits) | (1UL << (IndexBits - 1))) + 1);
            if (rank > registers[index])
            {
                registers[index] = rank;
            }

            return;
        }

        int place = (int)(hash >> (64 - SparseIndexBits));
        int sparseRank = BitOperations.LeadingZeroCount((hash << SparseIndexBits) | (1UL << (SparseIndexBits - 1))) + 1;
        AddEntry(place, sparseRank);
    }

    /// <summary>Adds the values of another sketch.</summary>
    public void Merge(in DistinctSketch other)
    {
        if (other._registers is { } theirs)
        {
            byte[] ours = _registers ?? MakeDense();
            for (int i = 0; i < ours.Length; i++)
            {
                ours[i] = Math.Max(ours[i], theirs[i]);
            }

            return;
        }

        foreach (int entry in other._entries ?? [])
        {
            if (entry != 0)
            {
                AddEntry((entry - 1) >> RankBits, (entry - 1) & RankMask);
            }
        }
    }

    /// <summary>About how many different values were added.</summary>
    public readonly long Estimate() => (long)Math.Round(
        _registers is { } registers ? DistinctEstimate.FromRegisters(registers, 64 - IndexBits) : DistinctEstimate.FromPlaces(_count, 1L << SparseIndexBits));

    /// <summary>The canonical encoding: form, then the entries in order as differences, or the registers.</summary>
    public readonly byte[] Encode()
    {
        ByteWriter writer = new(Version);
        writer.Take(1)[0] = _registers is null ? SparseForm : DenseForm;
        if (_registers is { } registers)
        {
            registers.CopyTo(writer.Take(Registers));
            return writer.ToArray();
        }

        int[] entries = [.. (_entries ?? []).Where(entry => entry != 0).Order()];
        writer.WriteUnsigned((ulong)entries.Length);
        int previous = 0;
        foreach (int entry in entries)
        {
            writer.WriteUnsigned((ulong)(entry - previous));
            previous = entry;
        }

        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are not an encoding of a version that this build reads.</exception>
    public static DistinctSketch Decode(ReadOnlySpan<byte> encoded)
    {
        ByteReader reader = new(encoded, Version, "an encoded sketch of distinct values");
        DistinctSketch sketch = default;
        if (reader.Take(1)[0] == DenseForm)
        {
            sketch._registers = reader.Take(Registers).ToArray();
        }
        else
        {
            int count = reader.ReadCount();
            ulong entry = 0;
            for (int i = 0; i < count; i++)
            {
                entry += reader.ReadUnsigned();
                if (entry is 0 or > int.MaxValue)
                {
                    throw reader.Malformed("an entry is out of range");
                }

                sketch.AddEntry((int)(entry - 1) >> RankBits, (int)(entry - 1) & RankMask);
            }
        }

        reader.End();
        return sketch;
    }

    private void AddEntry(int place, int rank)
    {
        if (_registers is not null)
        {
            AddToRegisters(place, rank);
            return;
        }

        _entries ??= new int[16];
        int added = ((place << RankBits) | rank) + 1;
        int entry = Find(_entries, place);
        if (_entries[entry] == 0)
        {
            _count++;
        }

        _entries[entry] = Math.Max(_entries[entry], added);
        if (_count > MostSparse)
        {
            MakeDense();
        }
        else if (_count * 2 > _entries.Length)
        {
            int[] larger = new int[_entries.Length * 2];
            foreach (int moved in _entries)
            {
                if (moved != 0)
                {
                    larger[Find(larger, (moved - 1) >> RankBits)] = moved;
                }
            }

            _entries = larger;
        }
    }

    private byte[] MakeDense()
    {
        int[] entries = _entries ?? [];
        _entries = null;
        _count = 0;
        _registers = new byte[Registers];
        foreach (int entry in entries)
        {
            if (entry != 0)
            {
                AddToRegisters((entry - 1) >> RankBits, (entry - 1) & RankMask);
            }
        }

        return _registers;
    }

    private readonly void AddToRegisters(int place, int rank)
    {
        const int Below = SparseIndexBits - IndexBits;
        int index = place >> Below;
        int low = place & ((1 << Below) - 1);
        int denseRank = low == 0 ? Below + rank : BitOperations.LeadingZeroCount((uint)low) - (32 - Below) + 1;
        _registers![index] = (byte)Math.Max(_registers[index], denseRank);
    }

    /// <summary>Where the entry of a place is, or a free one.</summary>
    private static int Find(int[] entries, int place)
    {
        int mask = entries.Length - 1;
        int entry = (int)((uint)place * 0x9E3779B1u >> 7) & mask;
        while (entries[entry] != 0 && (entries[entry] - 1) >> RankBits != place)
        {
            entry = (entry + 1) & mask;
        }

        return entry;
    }
}
