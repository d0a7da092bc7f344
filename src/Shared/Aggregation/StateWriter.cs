using Lambda.Events;

namespace Lambda.Aggregation;

/// <summary>Takes the state of an accumulator column by column, in the order that its aggregator declares.</summary>
public sealed class StateWriter
{
    private readonly IReadOnlyList<ColumnBuffer> _columns;
    private int _next;

    internal StateWriter(IReadOnlyList<ColumnBuffer> columns) => _columns = columns;

    /// <summary>Writes a <see cref="bool"/> column.</summary>
    public void WriteBoolean(bool value) => Next<bool>().Add(value);

    /// <summary>Writes an <see cref="int"/> column.</summary>
    public void WriteInt32(int value) => Next<int>().Add(value);

    /// <summary>Writes a <see cref="long"/> or timestamp column.</summary>
    public void WriteInt64(long value) => Next<long>().Add(value);

    /// <summary>Writes an <see cref="Int128"/> column.</summary>
    public void WriteInt128(Int128 value) => Next<Int128>().Add(value);

    /// <summary>Writes a <see cref="double"/> column.</summary>
    public void WriteDouble(double value) => Next<double>().Add(value);

    /// <summary>Writes a <see cref="decimal"/> column.</summary>
    public void WriteDecimal(decimal value) => Next<decimal>().Add(value);

    /// <summary>Writes a <see cref="string"/> column.</summary>
    public void WriteString(string value) => AddOrNull(Next<string>(), value);

    /// <summary>Writes a column of bytes; the array is kept, not copied.</summary>
    public void WriteBytes(byte[] value) => AddOrNull(Next<byte[]>(), value);

    /// <summary>Writes null into the next column, whatever its type.</summary>
    public void WriteNull() => Next().AddNull();

    /// <summary>Writes a column whose type is that of <typeparamref name="T"/>.</summary>
    internal void Write<T>(T value) => Next<T>().Add(value);

    /// <summary>The place of the next column.</summary>
    internal int Place => _next;

    internal void StartRow() => _next = 0;

    /// <summary>
    /// What is wrong with the state that was written from a place on; null when it has one value for each of its columns. What is behind one that has not would
    /// come to stand in columns and rows of others.
    /// </summary>
    internal string? FaultFrom(int place, IReadOnlyList<StateColumn> declared)
    {
        if (_next - place != declared.Count)
        {
            return $"wrote {_next - place} values for {declared.Count} StateColumns. Write one for each of them, in their order, and null where there is none.";
        }

        for (int i = 0; i < declared.Count; i++)
        {
            ColumnBuffer column = _columns[place + i];
            if (!declared[i].IsNullable && column.IsNull(column.Count - 1))
            {
                return $"wrote null into state column '{declared[i].Name}', which is not declared nullable. Declare it so, or write a value.";
            }
        }

        return null;
    }

    private ColumnBuffer Next() => _next < _columns.Count
        ? _columns[_next++]
        : throw new InvalidOperationException("An aggregator wrote more values than it has state columns. Make its StateColumns and Write agree.");

    private ColumnBuffer<T> Next<T>() => Next() as ColumnBuffer<T> ?? throw new InvalidOperationException(
        $"An aggregator wrote a {typeof(T).Name} into a state column of type {_columns[_next - 1].Type}. Make its StateColumns and Write agree.");

    private static void AddOrNull<T>(ColumnBuffer<T> column, T? value)
        where T : class
    {
        if (value is null)
        {
            column.AddNull();
        }
        else
        {
            column.Add(value);
        }
    }
}
