using Lambda.Batch.History.Files;
using Lambda.Log;

namespace Lambda.Batch.History.Merge;

/// <summary>
/// The rows of several files, each sorted by time, in the order of one that is: by time, then partition and offset. Those of one file stay in their order. They are
/// read as they are asked for, so that memory does not grow with how many there are.
/// </summary>
internal sealed class MergedRows : IOrderedRows, IDisposable
{
    private readonly RowCursor[] _cursors;
    private readonly Predicate<LogPosition> _isKept;

    /// <summary>By its next row, each file that has one.</summary>
    private readonly PriorityQueue<int, (long Time, int Partition, long Offset, int Input)> _heads = new();
    private RowKey[] _piece = [];
    private FileOffsets.Builder _offsets = new();
    private int _left;

    private MergedRows(RowCursor[] cursors, Predicate<LogPosition> isKept) => (_cursors, _isKept) = (cursors, isKept);

    /// <summary>Where the rows that were handed out of the file at hand stand in the event log.</summary>
    public FileOffsets Offsets => _offsets.Build();

    /// <summary>Starts to read files.</summary>
    /// <param name="inputs">The files; not closed by this.</param>
    /// <param name="leaves">The columns of their table.</param>
    /// <param name="isKept">Which rows are wanted; others are left out.</param>
    /// <exception cref="HistoryException">A file is damaged.</exception>
    public static MergedRows Of(IReadOnlyList<MergeInput> inputs, TableLeaves leaves, Predicate<LogPosition> isKept)
    {
        MergedRows rows = new([.. inputs.Select(input => new RowCursor(input, leaves))], isKept);
        try
        {
            for (int input = 0; input < inputs.Count; input++)
            {
                if (rows.MoveToKept(input))
                {
                    rows._heads.Enqueue(input, rows.HeadOf(input));
                }
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Begins a file.</summary>
    /// <param name="most">How many rows it is to have at most.</param>
    /// <returns>False when there are no rows left for it.</returns>
    public bool BeginFile(int most)
    {
        _left = most;
        _offsets = new();
        return _heads.Count > 0;
    }

    /// <exception cref="HistoryException">A file is damaged.</exception>
    public ReadOnlySpan<RowKey> Next(int most)
    {
        int wanted = Math.Min(most, _left);
        if (_piece.Length < wanted)
        {
            _piece = new RowKey[wanted];
        }

        int count = 0;
        while (count < wanted && _heads.TryPeek(out int input, out _))
        {
            RowCursor head = _cursors[input];
            _piece[count++] = new RowKey(head.Time, new RowAddress(input, head.Row));
            _offsets.Add(head.Position);
            if (MoveToKept(input))
            {
                _heads.DequeueEnqueue(input, HeadOf(input));
            }
            else
            {
                _heads.Dequeue();
            }
        }

        _left -= count;
        return _piece.AsSpan(0, count);
    }

    public void Dispose() => Array.ForEach(_cursors, cursor => cursor.Dispose());

    private bool MoveToKept(int input)
    {
        while (_cursors[input].MoveNext())
        {
            if (_isKept(_cursors[input].Position))
            {
                return true;
            }
        }

        return false;
    }

    private (long Time, int Partition, long Offset, int Input) HeadOf(int input)
    {
        RowCursor head = _cursors[input];
        return (head.Time, head.Position.Partition, head.Position.Offset, input);
    }
}
