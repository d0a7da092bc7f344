namespace Lambda.Batch.History.Files;

/// <summary>Which rows of a chunk are kept.</summary>
internal sealed class Selection
{
    private readonly int[] _rows;

    public Selection(int capacity) => _rows = new int[capacity];

    /// <summary>How many rows are kept.</summary>
    public int Count { get; private set; }

    /// <summary>The rows kept, ascending.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int row) => _rows[Count++] = row;

    /// <summary>Moves the values of the kept rows to the front.</summary>
    public void Compact<T>(Span<T> values)
    {
        for (int i = 0; i < Count; i++)
        {
            values[i] = values[_rows[i]];
        }
    }
}
