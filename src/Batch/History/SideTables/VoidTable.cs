using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.History.SideTables;

/// <summary>
/// Where a stream's log was found to hold no record: a Delta table of ranges of offsets, a row each, partitioned by the date on which they were found.
/// Without it nobody could tell offsets that never had a record from those whose record the history has lost.
/// </summary>
/// <remarks>For one caller at a time; several instances may append to one table.</remarks>
internal sealed class VoidTable
{
    /// <summary>When it was found.</summary>
    public static readonly TableField FoundAt = new("found_at", FieldType.Timestamp, IsNullable: false);

    private readonly TableAppender _appender;
    private readonly string _stream;
    private readonly TimeProvider _time;

    private VoidTable(TableAppender appender, string stream, TimeProvider time)
    {
        _appender = appender;
        _stream = stream;
        _time = time;
    }

    /// <summary>The first offset of a partition that the table does not cover; null when it has never covered any.</summary>
    public long? EndOf(int partition) =>
        _appender.Current.Transactions.TryGetValue(RunPlan.AppId(_stream, partition), out long end) ? end : null;

    /// <summary>Looks for commits of others.</summary>
    public Task<DeltaSnapshot> RefreshAsync(CancellationToken cancellationToken) => _appender.RefreshAsync(cancellationToken);

    /// <summary>Opens the table of a stream; creates it when there is none.</summary>
    public static async Task<VoidTable> OpenAsync(
        IObjectStorage storage, string stream, TimeProvider time, CancellationToken cancellationToken) => new(
            await TableAppender.OpenAsync(storage, HistoryLayout.VoidsOf(stream), stream, OffsetRangeRows.SchemaOf(FoundAt), starts: null, time, cancellationToken)
                .ConfigureAwait(false),
            stream,
            time);

    /// <summary>Appends the voids found in a run of offsets, once however often it is called with them.</summary>
    /// <param name="voids">The voids.</param>
    /// <param name="ranges">By partition, the offsets that the run covers.</param>
    /// <param name="cancellationToken">Ends the wait; what was written so far is not part of the table.</param>
    /// <exception cref="HistoryException">A range overlaps what the table covers, or leaves offsets out.</exception>
    public Task<AppendResult> AppendAsync(
        IReadOnlyList<LogVoid> voids, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken)
    {
        foreach (LogVoid found in voids)
        {
            RunRows.EnsureCovered(ranges, found.Partition, found.Offsets.Start);
            RunRows.EnsureCovered(ranges, found.Partition, found.Offsets.End - 1);
        }

        OffsetRangeRows rows = new([.. voids.Select(found => (found.Partition, found.Offsets))], FoundAt, _time.Now());
        return _appender.AppendAsync(rows, ranges, cancellationToken);
    }
}
