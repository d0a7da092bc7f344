namespace Lambda.Events;

/// <summary>Events as a struct of arrays: the positions of the rows and one column per projected member. Reused from batch to batch.</summary>
/// <remarks>Invariant: every array and column has room for <see cref="Capacity"/> rows, of which the first <see cref="Count"/> are set.</remarks>
internal sealed class EventBatch
{
    private readonly Column?[] _columns;

    /// <summary>Those of <see cref="_columns"/> that rows index, not elements of arrays.</summary>
    private readonly Column[] _rowColumns;
    private readonly ListColumn[] _lists;

    public EventBatch(Projection projection, StringDictionary dictionary)
    {
        Projection = projection;
        Dictionary = dictionary;
        _columns = new Column?[projection.Schema.All.Count];

        // What lies in an array comes after it in the schema, and its columns must be there before the array's own.
        foreach (EventMember member in projection.Schema.All.Reverse())
        {
            _columns[member.Ordinal] = Create(member, projection[member]);
        }

        _rowColumns = [.. IndexedBy(null)];
        _lists = [.. _columns.OfType<ListColumn>()];
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

    /// <summary>The columns of all arrays, inner ones too.</summary>
    public IReadOnlyList<ListColumn> Lists => _lists;

    /// <summary>The column of a member; null when the projection leaves it out.</summary>
    public Column? this[EventMember member] => _columns[member.Ordinal];

    /// <summary>Takes a column of another batch for that of a member in an array: its elements are then those of the other batch.</summary>
    public void Share(EventMember member, Column column) => _columns[member.Ordinal] = column;

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
        foreach (Column column in _rowColumns)
        {
            column.EnsureCapacity(Capacity);
        }
    }

    /// <summary>Removes all rows; buffers and dictionary stay.</summary>
    public void Clear()
    {
        Count = 0;
        foreach (ListColumn list in _lists)
        {
            list.ElementCount = 0;
        }
    }

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

    private Column? Create(EventMember member, ColumnForm form) => (form, member.Kind) switch
    {
        (ColumnForm.Absent, _) => null,
        (_, MemberKind.Object) => new ObjectColumn(member),
        (_, MemberKind.List) => new ListColumn(member) { Elements = [.. IndexedBy(member)] },
        _ => CreateValues(member, form),
    };

    private Column CreateValues(EventMember member, ColumnForm form) => member.Type switch
    {
        ColumnType.String when form == ColumnForm.Dictionary => new DictionaryColumn(member, Dictionary),
        ColumnType.String => new TextColumn(member),
        ColumnType.Boolean => new Column<bool>(member),
        ColumnType.Int32 => new Column<int>(member),
        ColumnType.Int64 or ColumnType.Timestamp => new Column<long>(member),
        ColumnType.Double => new Column<double>(member),
        ColumnType.Decimal => new Column<decimal>(member),
        _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
    };

    private IEnumerable<Column> IndexedBy(EventMember? list) => _columns.OfType<Column>().Where(column => column.Member.List == list);
}
