using Lambda.Log;

namespace Lambda.Batch.History.Merge;

/// <summary>Goes through what the rows of a file are sorted by, in the order of the file.</summary>
/// <param name="input">The file; not closed by this.</param>
/// <param name="leaves">The columns of its table.</param>
internal sealed class RowCursor(MergeInput input, TableLeaves leaves) : IDisposable
{
    private readonly RequiredColumn<long> _times = new(input, leaves.Time);
    private readonly RequiredColumn<int> _partitions = new(input, leaves.Partition);
    private readonly RequiredColumn<long> _offsets = new(input, leaves.Offset);

    /// <summary>The number of the row that it stands at; -1 before the first.</summary>
    public int Row { get; private set; } = -1;

    /// <summary>The time of the row.</summary>
    public long Time { get; private set; }

    /// <summary>Where the row stands in the event log.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="HistoryException">The file is damaged.</exception>
    public bool MoveNext()
    {
        if (Row + 1 >= input.Rows)
        {
            return false;
        }

        try
        {
            Time = _times.Next();
            Position = new LogPosition(_partitions.Next(), _offsets.Next());
        }
        catch (Exception e) when (input.Explain(e) is { } explained)
        {
            throw explained;
        }

        Row++;
        return true;
    }

    public void Dispose()
    {
        _times.Dispose();
        _partitions.Dispose();
        _offsets.Dispose();
    }
}
