using System.Runtime.InteropServices;
using Lambda.Events;

namespace Lambda.Views.Keys;

/// <summary>
/// Gives every distinct group key a dense id. A key is a fixed number of 64-bit parts: numbers and instants by value, strings as ids of one
/// dictionary, and, when a part can be null, a last part whose bit i says that part i is.
/// </summary>
internal sealed class KeyTable
{
    /// <summary>Open addressing by linear probing; holds id + 1, and 0 where free. The length is a power of two, at most half full.</summary>
    private int[] _table = new int[64];

    /// <summary>The parts of key id are <c>[id × PartCount, (id + 1) × PartCount)</c>.</summary>
    private long[] _parts;

    public KeyTable(int partCount)
    {
        PartCount = partCount;
        _parts = new long[32 * partCount];
    }

    /// <summary>The number of parts of a key.</summary>
    public int PartCount { get; }

    /// <summary>The number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>Roughly how many bytes the table holds.</summary>
    public long ByteCount => (_table.Length * 4L) + (_parts.Length * 8L);

    /// <summary>The parts of a key.</summary>
    public ReadOnlySpan<long> Parts(int id) => _parts.AsSpan(id * PartCount, PartCount);

    /// <summary>The id of a key; a new one when it is seen for the first time.</summary>
    public int FindOrAdd(ReadOnlySpan<long> parts)
    {
        int mask = _table.Length - 1;
        int place = Hash(parts) & mask;
        while (_table[place] is int stored and not 0)
        {
            if (Parts(stored - 1).SequenceEqual(parts))
            {
                return stored - 1;
            }

            place = (place + 1) & mask;
        }

        int id = Count++;
        if (_parts.Length < Count * PartCount)
        {
            Array.Resize(ref _parts, _parts.Length * 2);
        }

        parts.CopyTo(_parts.AsSpan(id * PartCount));
        _table[place] = id + 1;
        if (Count * 2 > _table.Length)
        {
            Rehash();
        }

        return id;
    }

    private void Rehash()
    {
        _table = new int[_table.Length * 2];
        int mask = _table.Length - 1;
        for (int id = 0; id < Count; id++)
        {
            int place = Hash(Parts(id)) & mask;
            while (_table[place] != 0)
            {
                place = (place + 1) & mask;
            }

            _table[place] = id + 1;
        }
    }

    private static int Hash(ReadOnlySpan<long> parts) => (int)Utf8Hash.Of(MemoryMarshal.AsBytes(parts));
}
