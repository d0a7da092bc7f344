using System.Numerics;

namespace Lambda.Batch.Recompute.Duplicates;

/// <summary>Finds which hashes were added more than once. Eight bytes per place, at most half of them used.</summary>
internal sealed class RepeatedHashes
{
    private const int LeastLength = 1024;

    private readonly HashSet<ulong> _repeated = [];

    /// <summary>Open addressing by linear probing; 0 where free. The length is a power of two, at most half full.</summary>
    private ulong[] _table = new ulong[LeastLength];
    private int _count;

    /// <summary>Whether any hash was added twice.</summary>
    public bool Any => _repeated.Count > 0;

    /// <summary>How many hashes were added more than once.</summary>
    public int Count => _repeated.Count;

    /// <summary>Whether a hash was added more than once.</summary>
    public bool Contains(ulong hash) => _repeated.Contains(hash);

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _repeated.Clear();
        if ((long)_count * 8 < _table.Length && _table.Length > LeastLength)
        {
            // Else a date of very many would slow all that follow it.
            _table = new ulong[Math.Max(LeastLength, (int)BitOperations.RoundUpToPowerOf2((uint)_count * 2))];
        }
        else
        {
            Array.Clear(_table);
        }

        _count = 0;
    }

    /// <summary>Adds a hash, which is not 0, if it is one that was added before.</summary>
    public void Repeat(ulong hash)
    {
        if (Has(hash))
        {
            _repeated.Add(hash);
        }
    }

    /// <summary>Whether a hash, which is not 0, was added. For several threads at once while none is added.</summary>
    public bool Has(ulong hash) => _table[PlaceOf(hash)] == hash;

    /// <summary>Adds a hash, which is not 0.</summary>
    /// <returns>Whether it was not added before.</returns>
    public bool Add(ulong hash)
    {
        int place = PlaceOf(hash);
        if (_table[place] == hash)
        {
            _repeated.Add(hash);
            return false;
        }

        _table[place] = hash;
        if (++_count * 2 > _table.Length)
        {
            Rehash();
        }

        return true;
    }

    /// <summary>Adds all that were added to a filter.</summary>
    public void CopyTo(HashFilter filter)
    {
        foreach (ulong hash in _table)
        {
            if (hash != 0)
            {
                filter.Add(hash);
            }
        }
    }

    /// <summary>Where a hash lies, or would lie.</summary>
    private int PlaceOf(ulong hash)
    {
        int mask = _table.Length - 1;
        int place = (int)hash & mask;
        while (_table[place] != 0 && _table[place] != hash)
        {
            place = (place + 1) & mask;
        }

        return place;
    }

    private void Rehash()
    {
        ulong[] old = _table;
        _table = new ulong[checked(old.Length * 2)];
        foreach (ulong hash in old)
        {
            if (hash != 0)
            {
                _table[PlaceOf(hash)] = hash;
            }
        }
    }
}
