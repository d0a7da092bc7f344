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
    public void WriteString(string value) => Next<string>().Add(value);

    /// <summary>Writes a column of bytes; the array is kept, not copied.</summary>
    public void WriteBytes(byte[] value) => Next<byte[]>().Add(value);

    /// <summary>Writes null into the next column, whatever its type.</summary>
    public void WriteNull() => Next().AddNull();

    /// <summary>Writes a column whose type is that of <typeparamref name="T"/>.</summary>
    internal void Write<T>(T value) => Next<T>().Add(value);

    internal void StartRow() => _next = 0;

    private ColumnBuffer Next() => _columns[_next++];

    private ColumnBuffer<T> Next<T>() => Next() as ColumnBuffer<T> ?? throw new InvalidOperationException(
        $"An aggregator wrote a {typeof(T).Name} into a state column of type {_columns[_next - 1].Type}. Make its StateColumns and Write agree.");
}
