using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.History.SideTables;

/// <summary>
/// Which records of a stream's log somebody had deleted from its history: a Delta table of ranges of offsets, a row each, that comes to be with the first
/// deletion. Without it their offsets would look lost. It tells nothing else of them, and is kept for good: a copy of the log may live longer.
/// </summary>
internal static class DeletionTable
{
    /// <summary>When they were deleted.</summary>
    public static readonly TableField DeletedAt = new("deleted_at", FieldType.Timestamp, IsNullable: false);

    /// <summary>The table as it is now; null as long as nothing was deleted.</summary>
    public static Task<DeltaSnapshot?> FindAsync(IObjectStorage storage, string stream, TimeProvider time, CancellationToken cancellationToken) =>
        new DeltaLog(storage, HistoryLayout.DeletionsOf(stream), time).FindLatestAsync(cancellationToken);

    /// <summary>Adds positions. Those that are there already may be added again.</summary>
    public static async Task AppendAsync(
        IObjectStorage storage, string stream, IEnumerable<LogPosition> positions, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<(int Partition, OffsetRange Offsets)> ranges = [.. RangesOf(positions)];
        TableAppender appender = await TableAppender.OpenAsync(
            storage, HistoryLayout.DeletionsOf(stream), stream, OffsetRangeRows.SchemaOf(DeletedAt), starts: null, time, cancellationToken)
            .ConfigureAwait(false);
        await appender.AppendAsync(
            new OffsetRangeRows(ranges, DeletedAt, time.Now()), ranges.Select(range => range.Partition).ToHashSet(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Positions as ranges of offsets without a gap, in rising order.</summary>
    private static IEnumerable<(int Partition, OffsetRange Offsets)> RangesOf(IEnumerable<LogPosition> positions)
    {
        foreach (IGrouping<int, LogPosition> partition in positions.GroupBy(position => position.Partition).OrderBy(partition => partition.Key))
        {
            OffsetRange? open = null;
            foreach (long offset in partition.Select(position => position.Offset).Order())
            {
                if (open is { } range && offset > range.End)
                {
                    yield return (partition.Key, range);
                    open = null;
                }

                open = new OffsetRange(open?.Start ?? offset, offset + 1);
            }

            yield return (partition.Key, open!.Value);
        }
    }
}
