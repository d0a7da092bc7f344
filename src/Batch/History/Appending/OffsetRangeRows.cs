using Lambda.Batch.History.Files;
using Lambda.Log;

namespace Lambda.Batch.History.Appending;

/// <summary>Ranges of offsets as rows of a table, a row each, all stamped with one instant.</summary>
/// <param name="ranges">The ranges; none is empty.</param>
/// <param name="stamp">The column of the instant, by whose date the table is partitioned.</param>
/// <param name="at">The instant, in microseconds since 1970, UTC.</param>
internal sealed class OffsetRangeRows(IReadOnlyList<(int Partition, OffsetRange Offsets)> ranges, TableField stamp, long at) : IRunRows
{
    /// <summary>The offset behind the last one of a range.</summary>
    public static readonly TableField EndOffset = new("end_offset", FieldType.Long, IsNullable: false);

    public IReadOnlyList<TableField> Fields => SchemaOf(stamp).Fields;

    /// <summary>The columns of a table of such rows.</summary>
    public static TableSchema SchemaOf(TableField stamp) => new([HistorySchema.Partition, HistorySchema.Offset, EndOffset, stamp]);

    public RowKey[] Select(IReadOnlySet<int> partitions) =>
    [
        .. Enumerable.Range(0, ranges.Count).Where(row => partitions.Contains(ranges[row].Partition))
            .Select(row => new RowKey(at, new RowAddress(0, row))),
    ];

    public LogPosition PositionOf(RowAddress row) => new(ranges[row.Row].Partition, ranges[row.Row].Offsets.Start);

    public IReadOnlyList<ColumnEncoder> CreateEncoders() =>
    [
        new FixedEncoder<int, IntegerBounds<int>>(HistorySchema.Partition, Of(range => range.Partition), nulls: null),
        new FixedEncoder<long, IntegerBounds<long>>(HistorySchema.Offset, Of(range => range.Offsets.Start), nulls: null),
        new FixedEncoder<long, IntegerBounds<long>>(EndOffset, Of(range => range.Offsets.End), nulls: null),
        new FixedEncoder<long, TimestampBounds>(stamp, Of(_ => at), nulls: null),
    ];

    private T[][] Of<T>(Func<(int Partition, OffsetRange Offsets), T> part) => [[.. ranges.Select(part)]];
}
