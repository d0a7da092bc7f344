using System.Collections;

namespace Lambda.Aggregation;

/// <summary>An immutable list that equals another with equal values in the same order; part of structured results.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] _values;

    /// <summary>A list of copies of these values.</summary>
    public ValueList(IEnumerable<T> values) => _values = [.. values];

    /// <inheritdoc/>
    public int Count => _values.Length;

    /// <inheritdoc/>
    public T this[int index] => _values[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ValueList<T>? other) => other is not null && _values.AsSpan().SequenceEqual(other._values, EqualityComparer<T>.Default);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T value in _values)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
