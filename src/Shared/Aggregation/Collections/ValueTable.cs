using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Collections;

/// <summary>
/// Gives every distinct value a place: 0, 1, 2 … in the order of arrival. A few values are compared one by one; more have an index by hash.
/// <c>default</c> is empty. A variable or array slot owns its arrays: copy by adding, never by assignment.
/// </summary>
internal struct ValueTable<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    /// <summary>Up to here a scan is not slower than an index, and takes no memory.</summary>
    private const int MostScanned = 8;

    private T[]? _values;

    /// <summary>Open addressing by linear probing; holds place + 1, and 0 where free. The length is a power of two, at most half full.</summary>
    private int[]? _index;

    /// <summary>The number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The values by place.</summary>
    public readonly ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    /// <summary>The place of a canonical value; a new one, the last, when it is seen for the first time.</summary>
    public int FindOrAdd(T value)
    {
        if (_index is { } index)
        {
            int mask = index.Length - 1;
            int entry = (int)TCodec.Hash(value) & mask;
            while (index[entry] is int stored and not 0)
            {
                if (TCodec.AreEqual(_values![stored - 1], value))
                {
                    return stored - 1;
                }

                entry = (entry + 1) & mask;
            }

            index[entry] = Count + 1;
            return Append(value);
        }

        ReadOnlySpan<T> values = Values;
        for (int i = 0; i < values.Length; i++)
        {
            if (TCodec.AreEqual(values[i], value))
            {
                return i;
            }
        }

        return Append(value);
    }

    /// <summary>Removes all values.</summary>
    public void Clear() => this = default;

    /// <summary>The places in the order of the values.</summary>
    public readonly int[] InOrder()
    {
        T[] sorted = Values.ToArray();
        int[] places = new int[sorted.Length];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = i;
        }

        Array.Sort(sorted, places, Comparer<T>.Create(TCodec.Compare));
        return places;
    }

    private int Append(T value)
    {
        int place = Count++;
        if (_values is null || place == _values.Length)
        {
            Array.Resize(ref _values, Math.Max(4, place * 2));
        }

        _values[place] = value;
        if (Count > MostScanned && (_index is null || Count * 2 > _index.Length))
        {
            Rehash();
        }

        return place;
    }

    private void Rehash()
    {
        int[] index = new int[_values!.Length * 4];
        int mask = index.Length - 1;
        for (int place = 0; place < Count; place++)
        {
            int entry = (int)TCodec.Hash(_values[place]) & mask;
            while (index[entry] != 0)
            {
                entry = (entry + 1) & mask;
            }

            index[entry] = place + 1;
        }

        _index = index;
    }
}
