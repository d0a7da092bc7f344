using Lambda.Aggregation.Encoding;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Collections;

/// <summary>How often each distinct value was seen. <c>default</c> is empty; copy by merging, never by assignment.</summary>
internal struct CountTable<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    private ValueTable<T, TCodec> _values;
    private long[]? _counts;

    /// <summary>The number of distinct values.</summary>
    public readonly int Count => _values.Count;

    /// <summary>The values, each at the place of its count.</summary>
    public readonly ReadOnlySpan<T> Values => _values.Values;

    /// <summary>How often each was seen.</summary>
    public readonly ReadOnlySpan<long> Counts => _counts.AsSpan(0, Count);

    /// <summary>Counts a canonical value.</summary>
    public void Add(T value, long count)
    {
        int place = _values.FindOrAdd(value);
        if (_counts is null || place >= _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(4, place * 2));
        }

        _counts[place] += count;
    }

    /// <summary>Adds the counts of another table.</summary>
    public void Merge(in CountTable<T, TCodec> other)
    {
        ReadOnlySpan<T> values = other.Values;
        ReadOnlySpan<long> counts = other.Counts;
        for (int i = 0; i < values.Length; i++)
        {
            Add(values[i], counts[i]);
        }
    }

    /// <summary>Removes everything.</summary>
    public void Clear() => this = default;

    /// <summary>The places in the order of the values.</summary>
    public readonly int[] InOrder() => _values.InOrder();

    /// <summary>Writes the number of values, then each with its count, in the order of the values.</summary>
    public readonly void Write(ByteWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        foreach (int place in InOrder())
        {
            TCodec.Write(Values[place], writer);
            writer.WriteUnsigned((ulong)Counts[place]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static CountTable<T, TCodec> Read(ref ByteReader reader)
    {
        CountTable<T, TCodec> table = default;
        int count = reader.ReadCount();
        for (int i = 0; i < count; i++)
        {
            T value = TCodec.Read(ref reader);
            table.Add(value, (long)reader.ReadUnsigned());
        }

        return table.Count == count ? table : throw reader.Malformed("a value is listed twice");
    }
}
