namespace Lambda.Expressions;

/// <summary>Which rows of a batch are meant, by index, in rising order. Reused from batch to batch.</summary>
internal sealed class RowSelection
{
    /// <summary>How many of <see cref="Rows"/> are known to be their own indices, so that selecting all of ever new batches writes nothing.</summary>
    private int _ordered;

    /// <summary>The indices; only the first <see cref="Count"/> count.</summary>
    public int[] Rows { get; private set; } = [];

    /// <summary>The number of rows selected.</summary>
    public int Count { get; private set; }

    /// <summary>The selected rows.</summary>
    public ReadOnlySpan<int> Span => Rows.AsSpan(0, Count);

    /// <summary>Selects all of the first <paramref name="rows"/> rows.</summary>
    public void SelectAll(int rows)
    {
        EnsureCapacity(rows);
        for (; _ordered < rows; _ordered++)
        {
            Rows[_ordered] = _ordered;
        }

        Count = rows;
    }

    /// <summary>Selects those rows of <paramref name="source"/> whose flag is set.</summary>
    public void SelectWhere(RowSelection source, ReadOnlySpan<bool> flags)
    {
        EnsureCapacity(source.Count);
        _ordered = 0;
        int count = 0;
        for (int i = 0; i < source.Count; i++)
        {
            Rows[count] = source.Rows[i];
            count += flags[i] ? 1 : 0;
        }

        Count = count;
    }

    /// <summary>Takes out one row; does nothing when it is not selected.</summary>
    public void Remove(int row)
    {
        int place = Span.BinarySearch(row);
        if (place >= 0)
        {
            _ordered = Math.Min(_ordered, place);
            Array.Copy(Rows, place + 1, Rows, place, Count - place - 1);
            Count--;
        }
    }

    /// <summary>Selects nothing.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a row, which is above all that are selected.</summary>
    public void Add(int row)
    {
        EnsureCapacity(Count + 1);
        _ordered = Math.Min(_ordered, Count);
        Rows[Count++] = row;
    }

    private void EnsureCapacity(int rows)
    {
        if (Rows.Length < rows)
        {
            int[] larger = Rows;
            Array.Resize(ref larger, Math.Max(rows, Rows.Length * 2));
            Rows = larger;
        }
    }
}
