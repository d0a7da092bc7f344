namespace Lambda.Aggregation;

/// <summary>Results of one aggregate, one per window. Reused from batch to batch.</summary>
internal abstract class ResultColumn
{
    /// <summary>The number of results.</summary>
    public abstract int Count { get; }

    /// <summary>A result, boxed; null where there is none. For display and control paths only.</summary>
    public abstract object? GetValue(int row);

    /// <summary>Removes all results; buffers stay.</summary>
    public abstract void Clear();
}

/// <inheritdoc/>
/// <typeparam name="T">The type that the aggregator declares; a nullable one where there may be no result.</typeparam>
internal class ResultColumn<T> : ResultColumn
{
    private T[] _values = [];
    private int _count;

    public sealed override int Count => _count;

    /// <summary>The results.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, _count);

    /// <summary>Makes room for so many results more, which the caller sets.</summary>
    public Span<T> Append(int count)
    {
        if (_values.Length - _count < count)
        {
            Array.Resize(ref _values, Math.Max(_count + count, _values.Length * 2));
        }

        Span<T> added = _values.AsSpan(_count, count);
        _count += count;
        return added;
    }

    public override object? GetValue(int row) => _values[row];

    public sealed override void Clear() => _count = 0;
}
