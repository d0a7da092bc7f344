namespace Lambda.Events;

/// <summary>One member's values for the rows of an <see cref="EventBatch"/>. Arrays may be longer than the batch; only its rows count.</summary>
internal abstract class Column
{
    private protected Column(EventMember member)
    {
        Member = member;
        Nulls = member.IsNullable ? [] : null;
    }

    /// <summary>The member whose values these are.</summary>
    public EventMember Member { get; }

    /// <summary>Per row, whether the value is null; the array itself is null when the member cannot be.</summary>
    public bool[]? Nulls { get; private set; }

    /// <summary>The array of the values, by row; of bytes where they are texts, of lengths where they are arrays, empty for objects.</summary>
    public abstract Array ValueArray { get; }

    /// <summary>Makes room for that many rows and keeps the ones there.</summary>
    public void EnsureCapacity(int rows)
    {
        if (Nulls is { } nulls && nulls.Length < rows)
        {
            Array.Resize(ref nulls, rows);
            Nulls = nulls;
        }

        EnsureValueCapacity(rows);
    }

    /// <summary>Sets the value that stands beside a null, so that a buffer that is reused shows nothing of an earlier batch.</summary>
    public abstract void SetDefault(int row);

    /// <summary>Sets the first rows to rows of another column for values of the same type.</summary>
    /// <param name="source">The other column.</param>
    /// <param name="rows">Which of its rows, in the order they get here.</param>
    public void Gather(Column source, ReadOnlySpan<int> rows)
    {
        if (Nulls is { } nulls)
        {
            Gather(source.Nulls!, rows, nulls);
        }

        GatherValues(source, rows);
    }

    private protected abstract void EnsureValueCapacity(int rows);

    private protected abstract void GatherValues(Column source, ReadOnlySpan<int> rows);

    private protected static void Gather<TValue>(TValue[] source, ReadOnlySpan<int> rows, TValue[] destination)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            destination[i] = source[rows[i]];
        }
    }
}

/// <summary>Values of a fixed-size type. Timestamps are <see cref="long"/>s of UTC microseconds.</summary>
internal sealed class Column<T>(EventMember member) : Column(member)
    where T : struct
{
    /// <summary>Per row the value; <c>default</c> where it is null.</summary>
    public T[] Values { get; private set; } = [];

    public override Array ValueArray => Values;

    public override void SetDefault(int row) => Values[row] = default;

    private protected override void EnsureValueCapacity(int rows)
    {
        if (Values.Length < rows)
        {
            T[] values = Values;
            Array.Resize(ref values, rows);
            Values = values;
        }
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows) => Gather(((Column<T>)source).Values, rows, Values);
}

/// <summary>Strings as ids of a dictionary: for members that are grouped, filtered or read by expressions.</summary>
internal sealed class DictionaryColumn(EventMember member, StringDictionary dictionary) : Column(member)
{
    /// <summary>Per row the id in <see cref="Dictionary"/>; <see cref="StringDictionary.Null"/> for null.</summary>
    public int[] Ids { get; private set; } = [];

    public override Array ValueArray => Ids;

    /// <summary>Gives the ids their meaning.</summary>
    public StringDictionary Dictionary { get; set; } = dictionary;

    public override void SetDefault(int row) => Ids[row] = StringDictionary.Null;

    private protected override void EnsureValueCapacity(int rows)
    {
        if (Ids.Length < rows)
        {
            int[] ids = Ids;
            Array.Resize(ref ids, rows);
            Ids = ids;
        }
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows) => Gather(((DictionaryColumn)source).Ids, rows, Ids);
}

/// <summary>Strings as UTF-8 bytes back to back: for members with a value of its own per row, such as ids.</summary>
internal sealed class TextColumn(EventMember member) : Column(member)
{
    private byte[] _bytes = new byte[1024];

    /// <summary>The bytes of row i are <c>[_ends[i], _ends[i + 1])</c>; rows are set in order.</summary>
    private int[] _ends = [0];

    public override Array ValueArray => _bytes;

    /// <summary>The UTF-8 bytes of a row; empty when it is null.</summary>
    public ReadOnlySpan<byte> Utf8(int row) => _bytes.AsSpan(_ends[row], _ends[row + 1] - _ends[row]);

    /// <summary>Sets a row; rows are set in order, each once, or once more before the next one.</summary>
    public void Set(int row, ReadOnlySpan<byte> utf8)
    {
        int start = _ends[row];
        int end = checked(start + utf8.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        }

        utf8.CopyTo(_bytes.AsSpan(start));
        _ends[row + 1] = end;
    }

    public override void SetDefault(int row) => Set(row, default);

    private protected override void EnsureValueCapacity(int rows)
    {
        if (_ends.Length <= rows)
        {
            Array.Resize(ref _ends, rows + 1);
        }
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows)
    {
        TextColumn texts = (TextColumn)source;
        for (int i = 0; i < rows.Length; i++)
        {
            Set(i, texts.Utf8(rows[i]));
        }
    }
}
