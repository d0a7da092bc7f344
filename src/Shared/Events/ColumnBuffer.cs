using System.Runtime.CompilerServices;

namespace Lambda.Events;

/// <summary>A growing column of values with nulls: how partials travel between the kernel and a store.</summary>
internal abstract class ColumnBuffer
{
    private protected ColumnBuffer(ColumnType type) => Type = type;

    /// <summary>What the column holds.</summary>
    public ColumnType Type { get; }

    /// <summary>The number of values, nulls included.</summary>
    public abstract int Count { get; }

    /// <summary>Whether the value of a row is null.</summary>
    public abstract bool IsNull(int row);

    /// <summary>Adds a null.</summary>
    public abstract void AddNull();

    /// <summary>The value of a row, boxed; null for null. For display and control paths only.</summary>
    public abstract object? GetValue(int row);

    /// <summary>Adds a copy of a row of a column of the same type.</summary>
    public abstract void AddFrom(ColumnBuffer source, int row);

    /// <summary>Whether a row holds the same as one of a column of the same type: null, or an equal value; doubles and bytes bit for bit.</summary>
    public abstract bool HasSame(int row, ColumnBuffer other, int otherRow);

    /// <summary>Removes all values; buffers stay.</summary>
    public abstract void Clear();

    /// <summary>Makes room for so many values more, so that buffers need not grow meanwhile.</summary>
    public abstract void Reserve(int count);

    /// <summary>Creates an empty column. Timestamps are held as <see cref="long"/>s of UTC microseconds.</summary>
    public static ColumnBuffer Create(ColumnType type) => type switch
    {
        ColumnType.Boolean => new ColumnBuffer<bool>(type),
        ColumnType.Int32 => new ColumnBuffer<int>(type),
        ColumnType.Int64 or ColumnType.Timestamp => new ColumnBuffer<long>(type),
        ColumnType.Int128 => new ColumnBuffer<Int128>(type),
        ColumnType.Double => new ColumnBuffer<double>(type),
        ColumnType.Decimal => new ColumnBuffer<decimal>(type),
        ColumnType.String => new ColumnBuffer<string>(type),
        ColumnType.Bytes => new ColumnBuffer<byte[]>(type),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };
}

/// <inheritdoc/>
internal sealed class ColumnBuffer<T>(ColumnType type) : ColumnBuffer(type)
{
    private T[] _values = [];
    private bool[] _nulls = [];
    private int _count;

    public override int Count => _count;

    /// <summary>The values; <c>default</c> where null.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, _count);

    /// <summary>By row, whether it is null.</summary>
    public ReadOnlySpan<bool> Nulls => _nulls.AsSpan(0, _count);

    /// <summary>The value of a row; <c>default</c> when it is null.</summary>
    public T this[int row] => _values[row];

    public void Add(T value)
    {
        EnsureCapacity(1);
        _nulls[_count] = false;
        _values[_count++] = value;
    }

    /// <summary>Makes room for so many values more, none of them null, which the caller sets.</summary>
    public Span<T> Append(int count)
    {
        EnsureCapacity(count);
        Array.Clear(_nulls, _count, count);
        Span<T> added = _values.AsSpan(_count, count);
        _count += count;
        return added;
    }

    public override void AddNull()
    {
        EnsureCapacity(1);
        _nulls[_count] = true;
        _values[_count++] = default!;
    }

    public override bool IsNull(int row) => _nulls[row];

    public override object? GetValue(int row) => _nulls[row] ? null : _values[row];

    public override void AddFrom(ColumnBuffer source, int row)
    {
        ColumnBuffer<T> typed = (ColumnBuffer<T>)source;
        if (typed._nulls[row])
        {
            AddNull();
        }
        else
        {
            Add(typed._values[row]);
        }
    }

    public override bool HasSame(int row, ColumnBuffer other, int otherRow)
    {
        ColumnBuffer<T> typed = (ColumnBuffer<T>)other;
        return _nulls[row] == typed._nulls[otherRow] && (_nulls[row] || AreSame(_values[row], typed._values[otherRow]));
    }

    public override void Clear()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Array.Clear(_values, 0, _count);
        }

        _count = 0;
    }

    public override void Reserve(int count) => EnsureCapacity(count);

    private static bool AreSame(T one, T other)
    {
        if (typeof(T) == typeof(double))
        {
            return BitConverter.DoubleToInt64Bits((double)(object)one!) == BitConverter.DoubleToInt64Bits((double)(object)other!);
        }

        return one is byte[] bytes ? bytes.AsSpan().SequenceEqual((byte[])(object)other!) : EqualityComparer<T>.Default.Equals(one, other);
    }

    private void EnsureCapacity(int added)
    {
        if (_values.Length - _count < added)
        {
            int capacity = Math.Max(16, Math.Max(_count + added, _count * 2));
            Array.Resize(ref _values, capacity);
            Array.Resize(ref _nulls, capacity);
        }
    }
}
