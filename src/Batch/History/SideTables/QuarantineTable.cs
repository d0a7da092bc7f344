using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.History.SideTables;

/// <summary>
/// The records of a stream that could not be read as events: a Delta table with their position, the reason and their bytes, partitioned by
/// the date of their append, for they may have no other.
/// </summary>
/// <remarks>For one caller at a time; several instances may append to one table.</remarks>
internal sealed class QuarantineTable
{
    private static readonly TableField Reason = new("reason", FieldType.String, IsNullable: false);
    private static readonly TableField Detail = new("detail", FieldType.String, IsNullable: false);
    private static readonly TableField Key = new("key", FieldType.Binary, IsNullable: false);
    private static readonly TableField Value = new("value", FieldType.Binary, IsNullable: false);

    private static readonly TableSchema Schema = new(
        [HistorySchema.Partition, HistorySchema.Offset, HistorySchema.AppendedAt, Reason, Detail, Key, Value]);

    private readonly TableAppender _appender;

    private QuarantineTable(TableAppender appender, string stream)
    {
        _appender = appender;
        Stream = stream;
    }

    public string Stream { get; }

    /// <summary>The newest version that this instance knows.</summary>
    public DeltaSnapshot Current => _appender.Current;

    /// <summary>The first offset of a partition that the table does not cover; null when it has never covered any.</summary>
    public long? EndOffset(int partition) =>
        Current.Transactions.TryGetValue(RunPlan.AppId(Stream, partition), out long end) ? end : null;

    /// <summary>Looks for commits of others.</summary>
    public Task<DeltaSnapshot> RefreshAsync(CancellationToken cancellationToken) => _appender.RefreshAsync(cancellationToken);

    /// <summary>Opens the table of a stream; creates it when there is none.</summary>
    public static async Task<QuarantineTable> OpenAsync(
        IObjectStorage storage, string stream, TimeProvider time, CancellationToken cancellationToken) => new(
            await TableAppender.OpenAsync(storage, HistoryLayout.QuarantineOf(stream), stream, Schema, starts: null, time, cancellationToken)
                .ConfigureAwait(false),
            stream);

    /// <summary>Appends the records refused in a run of offsets, once however often it is called with them.</summary>
    /// <param name="records">The records; none is a run without any.</param>
    /// <param name="ranges">By partition, the offsets that the run covers.</param>
    /// <param name="cancellationToken">Ends the wait; what was written so far is not part of the table.</param>
    /// <exception cref="HistoryException">A range overlaps what the table covers, or leaves offsets out.</exception>
    public Task<AppendResult> AppendAsync(
        IReadOnlyList<QuarantinedRecord> records, IReadOnlyDictionary<int, OffsetRange> ranges, CancellationToken cancellationToken)
    {
        foreach (QuarantinedRecord record in records)
        {
            RunRows.EnsureCovered(ranges, record.Partition, record.Offset);
        }

        return _appender.AppendAsync(new Rows(records), ranges, cancellationToken);
    }

    /// <summary>Adds records without covering other offsets, onto the newest version that this instance knows.</summary>
    /// <returns>Whether that was still the newest; if not, look again which of them are missing.</returns>
    public Task<bool> TryAddAsync(IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken) =>
        _appender.TryAppendAsync(new Rows(records), records.Select(record => record.Partition).ToHashSet(), cancellationToken);

    private sealed class Rows(IReadOnlyList<QuarantinedRecord> records) : IRunRows
    {
        public IReadOnlyList<TableField> Fields => Schema.Fields;

        public RowKey[] Select(IReadOnlySet<int> partitions)
        {
            RowKey[] rows =
            [
                .. Enumerable.Range(0, records.Count).Where(row => partitions.Contains(records[row].Partition))
                    .Select(row => new RowKey(records[row].AppendedAt, new RowAddress(0, row))),
            ];
            Array.Sort(rows);
            return rows;
        }

        public LogPosition PositionOf(RowAddress row) => new(records[row.Row].Partition, records[row.Row].Offset);

        public IReadOnlyList<ColumnEncoder> CreateEncoders() =>
        [
            new FixedEncoder<int, IntegerBounds<int>>(HistorySchema.Partition, Of(record => record.Partition), nulls: null),
            new FixedEncoder<long, IntegerBounds<long>>(HistorySchema.Offset, Of(record => record.Offset), nulls: null),
            new FixedEncoder<long, TimestampBounds>(HistorySchema.AppendedAt, Of(record => record.AppendedAt), nulls: null),
            Encoder(Reason, record => Utf8(record.Reason.ToString())),
            Encoder(Detail, record => Utf8(record.Detail)),
            Encoder(Key, record => record.Key),
            Encoder(Value, record => record.Value),
        ];

        private BytesEncoder<MemorySource> Encoder(TableField field, Func<QuarantinedRecord, ReadOnlyMemory<byte>> part) =>
            new(field, new MemorySource([.. records.Select(part)]));

        private static ReadOnlyMemory<byte> Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

        private T[][] Of<T>(Func<QuarantinedRecord, T> part) => [[.. records.Select(part)]];
    }
}
