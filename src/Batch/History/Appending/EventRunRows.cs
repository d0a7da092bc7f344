using Lambda.Batch.History.Files;
using Lambda.Events;
using Lambda.Log;

namespace Lambda.Batch.History.Appending;

/// <summary>The events of a run.</summary>
internal sealed class EventRunRows : IRunRows
{
    private readonly IReadOnlyList<HistoryBatch> _batches;
    private readonly TableSchema _table;
    private readonly EventSchema _schema;

    /// <param name="table">The table's columns, in the order of its files.</param>
    /// <param name="schema">The event type.</param>
    /// <param name="batches">The events.</param>
    /// <param name="ranges">The offsets that the run covers.</param>
    /// <exception cref="ArgumentException">A batch lacks a member, or has a row outside of the ranges.</exception>
    public EventRunRows(
        TableSchema table, EventSchema schema, IReadOnlyList<HistoryBatch> batches, IReadOnlyDictionary<int, OffsetRange> ranges)
    {
        _table = table;
        _schema = schema;
        _batches = batches;
        foreach (HistoryBatch batch in batches)
        {
            if (schema.All.FirstOrDefault(member => batch.Events[member] is null) is { } absent)
            {
                throw new ArgumentException($"A batch lacks member {absent}; the history keeps all of them.", nameof(batches));
            }

            for (int row = 0; row < batch.Events.Count; row++)
            {
                RunRows.EnsureCovered(ranges, batch.Events.Partitions[row], batch.Events.Offsets[row]);
            }
        }
    }

    public IReadOnlyList<TableField> Fields => [.. _table.Fields.Take(3), .. _schema.Members.Select(HistorySchema.FieldOf), HistorySchema.Extra];

    public RowKey[] Select(IReadOnlySet<int> partitions)
    {
        RowKey[] rows = new RowKey[_batches.Sum(batch => batch.Events.Count)];
        int count = 0;
        for (int i = 0; i < _batches.Count; i++)
        {
            EventBatch events = _batches[i].Events;
            for (int row = 0; row < events.Count; row++)
            {
                if (partitions.Contains(events.Partitions[row]))
                {
                    rows[count++] = new RowKey(events.EventTimes[row], new RowAddress(i, row));
                }
            }
        }

        Array.Resize(ref rows, count);
        Array.Sort(rows);
        return rows;
    }

    public LogPosition PositionOf(RowAddress row) =>
        new(_batches[row.Batch].Events.Partitions[row.Row], _batches[row.Batch].Events.Offsets[row.Row]);

    public IReadOnlyList<ColumnEncoder> CreateEncoders() =>
    [
        new FixedEncoder<int, IntegerBounds<int>>(_table.Fields[0], Of(batch => batch.Events.Partitions), nulls: null),
        new FixedEncoder<long, IntegerBounds<long>>(_table.Fields[1], Of(batch => batch.Events.Offsets), nulls: null),
        new FixedEncoder<long, TimestampBounds>(_table.Fields[2], Of(batch => batch.Events.AppendedAt), nulls: null),
        .. _schema.All.Where(member => member.Kind == MemberKind.Value).Select(member => EncoderOf(HistorySchema.FieldOf(member), member)),
        new BytesEncoder<TextSource>(HistorySchema.Extra, new TextSource(Of(batch => (Column?)batch.Extra))),
    ];

    private ColumnEncoder EncoderOf(TableField field, EventMember member)
    {
        Striping? striping = member.Parent is null
            ? null
            : new Striping(HistorySchema.FilePathOf(member), [.. member.Ancestry], [.. _batches.Select(batch => batch.Events)]);
        return field.Type switch
        {
            FieldType.Boolean => new FixedEncoder<bool, NoBounds<bool>>(field, Values<bool>(member), Nulls(member), striping),
            FieldType.Integer => new FixedEncoder<int, IntegerBounds<int>>(field, Values<int>(member), Nulls(member), striping),
            FieldType.Long => new FixedEncoder<long, IntegerBounds<long>>(field, Values<long>(member), Nulls(member), striping),
            FieldType.Timestamp => new FixedEncoder<long, TimestampBounds>(field, Values<long>(member), Nulls(member), striping),
            FieldType.Double => new FixedEncoder<double, DoubleBounds>(field, Values<double>(member), Nulls(member), striping),
            FieldType.String => new BytesEncoder<TextSource>(field, new TextSource(Of(batch => batch.Events[member])), striping),
            FieldType.DecimalText => new BytesEncoder<DecimalSource>(
                field, new DecimalSource(Of(batch => (Column<decimal>)batch.Events[member]!)), striping),
            _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
        };
    }

    private T[][] Values<T>(EventMember member)
        where T : struct => Of(batch => ((Column<T>)batch.Events[member]!).Values);

    private bool[]?[] Nulls(EventMember member) => Of(batch => batch.Events[member]!.Nulls);

    private T[] Of<T>(Func<HistoryBatch, T> part) => [.. _batches.Select(part)];
}
