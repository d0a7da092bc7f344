using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Batch.History;

/// <summary>
/// Where a stream's log was found to hold no record: a Delta table of ranges of offsets, a row each, partitioned by the date on which they were found.
/// Without it nobody could tell offsets that never had a record from those whose record the history has lost.
/// </summary>
/// <remarks>For one caller at a time; several instances may append to one table.</remarks>
internal sealed class VoidTable
{
    /// <summary>The offset behind the last one of a void.</summary>
    public static readonly TableField EndOffset = new("end_offset", FieldType.Long, IsNullable: false);

    /// <summary>When it was found.</summary>
    public static readonly TableField FoundAt = new("found_at", FieldType.Timestamp, IsNullable: false);
    private static readonly TableSchema Schema = new([HistorySchema.Partition, HistorySchema.Offset, EndOffset, FoundAt]);

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
            await TableAppender.OpenAsync(storage, HistoryLayout.VoidsOf(stream), stream, Schema, starts: null, time, cancellationToken)
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

        return _appender.AppendAsync(new Rows(voids, _time.Now()), ranges, cancellationToken);
    }

    private sealed class Rows(IReadOnlyList<LogVoid> voids, long foundAt) : IRunRows
    {
        public IReadOnlyList<TableField> Fields => Schema.Fields;

        public RowKey[] Select(IReadOnlySet<int> partitions) =>
        [
            .. Enumerable.Range(0, voids.Count).Where(row => partitions.Contains(voids[row].Partition))
                .Select(row => new RowKey(foundAt, new RowAddress(0, row))),
        ];

        public IReadOnlyList<ColumnEncoder> CreateEncoders() =>
        [
            new FixedEncoder<int, IntegerBounds<int>>(HistorySchema.Partition, Of(found => found.Partition), nulls: null),
            new FixedEncoder<long, IntegerBounds<long>>(HistorySchema.Offset, Of(found => found.Offsets.Start), nulls: null),
            new FixedEncoder<long, IntegerBounds<long>>(EndOffset, Of(found => found.Offsets.End), nulls: null),
            new FixedEncoder<long, TimestampBounds>(FoundAt, Of(_ => foundAt), nulls: null),
        ];

        private T[][] Of<T>(Func<LogVoid, T> part) => [[.. voids.Select(part)]];
    }
}
