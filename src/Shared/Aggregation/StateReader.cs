using Lambda.Events;

namespace Lambda.Aggregation;

/// <summary>Gives the state of an accumulator column by column, in the order that its aggregator declares.</summary>
public sealed class StateReader
{
    private readonly IReadOnlyList<ColumnBuffer> _columns;
    private int _row;
    private int _next;

    internal StateReader(IReadOnlyList<ColumnBuffer> columns) => _columns = columns;

    /// <summary>Whether the next column holds null; a null is passed over by <see cref="Skip"/>.</summary>
    public bool IsNull => _columns[_next].IsNull(_row);

    /// <summary>Passes over the next column.</summary>
    public void Skip() => _next++;

    /// <summary>Reads a <see cref="bool"/> column.</summary>
    public bool ReadBoolean() => Next<bool>();

    /// <summary>Reads an <see cref="int"/> column.</summary>
    public int ReadInt32() => Next<int>();

    /// <summary>Reads a <see cref="long"/> or timestamp column.</summary>
    public long ReadInt64() => Next<long>();

    /// <summary>Reads an <see cref="Int128"/> column.</summary>
    public Int128 ReadInt128() => Next<Int128>();

    /// <summary>Reads a <see cref="double"/> column.</summary>
    public double ReadDouble() => Next<double>();

    /// <summary>Reads a <see cref="decimal"/> column.</summary>
    public decimal ReadDecimal() => Next<decimal>();

    /// <summary>Reads a <see cref="string"/> column.</summary>
    public string ReadString() => Next<string>();

    /// <summary>Reads a column of bytes.</summary>
    public byte[] ReadBytes() => Next<byte[]>();

    /// <summary>Reads a column whose type is that of <typeparamref name="T"/>.</summary>
    internal T Read<T>() => Next<T>();

    /// <summary>The place of the next column.</summary>
    internal int Place => _next;

    internal void MoveTo(int row, int column)
    {
        _row = row;
        _next = column;
    }

    private T Next<T>()
    {
        ColumnBuffer column = _columns[_next++];
        return column is ColumnBuffer<T> typed
            ? typed[_row]
            : throw new InvalidOperationException(
                $"An aggregator read a {typeof(T).Name} from a state column of type {column.Type}. Make its StateColumns and Read agree.");
    }
}
