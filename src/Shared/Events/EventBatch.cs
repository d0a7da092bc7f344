namespace Lambda.Events;

/// <summary>Events as a struct of arrays: the positions of the rows and one column per projected member. Reused from batch to batch.</summary>
/// <remarks>Invariant: every array and column has room for <see cref="Capacity"/> rows, of which the first <see cref="Count"/> are set.</remarks>
internal sealed class EventBatch
{
    private readonly Column?[] _columns;

    public EventBatch(Projection projection, StringDictionary dictionary)
    {
        Projection = projection;
        Dictionary = dictionary;
        _columns = new Column?[projection.Schema.Members.Count];
        foreach (EventMember member in projection.Schema.Members)
        {
            _columns[member.Ordinal] = Create(member, projection[member], dictionary);
        }
    }

    /// <summary>Which members the batch carries.</summary>
    public Projection Projection { get; }

    /// <summary>What the ids of all <see cref="DictionaryColumn"/>s refer to.</summary>
    public StringDictionary Dictionary { get; private set; }

    /// <summary>The number of rows.</summary>
    public int Count { get; set; }

    /// <summary>How many rows there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Per row the event time, in UTC microseconds.</summary>
    public long[] EventTimes { get; private set; } = [];

    /// <summary>Per row the partition of the log.</summary>
    public int[] Partitions { get; private set; } = [];

    /// <summary>Per row the offset within its partition.</summary>
    public long[] Offsets { get; private set; } = [];

    /// <summary>Per row the log's append time, in UTC microseconds.</summary>
    public long[] AppendedAt { get; private set; } = [];

    /// <summary>The column of a member; null when the projection leaves it out.</summary>
    public Column? this[EventMember member] => _columns[member.Ordinal];

    /// <summary>Makes room for that many rows and keeps the ones there.</summary>
    public void EnsureCapacity(int rows)
    {
        if (rows <= Capacity)
        {
            return;
        }

        Capacity = (int)Math.Min(Array.MaxLength, Math.Max(rows, Capacity * 2L));
        EventTimes = Resized(EventTimes);
        Partitions = Resized(Partitions);
        Offsets = Resized(Offsets);
        AppendedAt = Resized(AppendedAt);
        foreach (Column? column in _columns)
        {
            column?.EnsureCapacity(Capacity);
        }
    }

    /// <summary>Removes all rows; buffers and dictionary stay.</summary>
    public void Clear() => Count = 0;

    /// <summary>Removes all rows and starts a new dictionary, so that one that has grown with the keys seen does not grow for ever.</summary>
    public void Reset(StringDictionary dictionary)
    {
        Clear();
        Dictionary = dictionary;
        foreach (Column? column in _columns)
        {
            if (column is DictionaryColumn strings)
            {
                strings.Dictionary = dictionary;
            }
        }
    }

    private T[] Resized<T>(T[] array)
    {
        Array.Resize(ref array, Capacity);
        return array;
    }

    private static Column? Create(EventMember member, ColumnForm form, StringDictionary dictionary) => (form, member.Type) switch
    {
        (ColumnForm.Absent, _) => null,
        (ColumnForm.Dictionary, ColumnType.String) => new DictionaryColumn(member, dictionary),
        (_, ColumnType.String) => new TextColumn(member),
        (_, ColumnType.Boolean) => new Column<bool>(member),
        (_, ColumnType.Int32) => new Column<int>(member),
        (_, ColumnType.Int64 or ColumnType.Timestamp) => new Column<long>(member),
        (_, ColumnType.Double) => new Column<double>(member),
        (_, ColumnType.Decimal) => new Column<decimal>(member),
        _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
    };
}
