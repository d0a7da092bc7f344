using Lambda.Batch.History.Files;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.History.Reading;

/// <summary>Which rows a scan takes.</summary>
/// <param name="from">Only rows at these offsets or later; null for all.</param>
/// <param name="boundary">Only rows below it.</param>
/// <param name="range">Only rows with an event time in it.</param>
internal sealed class RowFilter(Boundary? from, Boundary boundary, EventTimeRange range)
{
    private readonly long[] _starts = [.. from?.Offsets ?? Enumerable.Repeat(0L, boundary.Partitions)];
    private readonly long[] _ends = [.. boundary.Offsets];

    /// <summary>Whether a file may have such a row.</summary>
    public bool MayTake(HistoryFile file)
    {
        if (file.LastTime < range.Start || file.FirstTime >= range.End
            || (file.Day is { } day && !EventDate.Overlaps(day, range)))
        {
            return false;
        }

        for (int partition = 0; partition < _ends.Length; partition++)
        {
            if (file.OffsetsIn(partition) is { } offsets && offsets.Start < _ends[partition] && offsets.End > _starts[partition])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it takes all rows of a file, as the table's log tells.</summary>
    public bool TakesAll(HistoryFile file) =>
        file.FirstTime >= range.Start && (file.LastTime < range.End || range.End == EventTimeRange.All.End) && file.LiesWithin(_starts, _ends);

    /// <summary>Selects among the first rows of a batch.</summary>
    public void Select(EventBatch batch, int count, Selection kept)
    {
        kept.Clear();
        for (int row = 0; row < count; row++)
        {
            int partition = batch.Partitions[row];
            if ((uint)partition < (uint)_ends.Length && batch.Offsets[row] < _ends[partition] && batch.Offsets[row] >= _starts[partition]
                && batch.EventTimes[row] >= range.Start && batch.EventTimes[row] < range.End)
            {
                kept.Add(row);
            }
        }
    }
}
