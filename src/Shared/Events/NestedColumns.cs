namespace Lambda.Events;

/// <summary>An object: where it is null. Its members have columns of their own, which hold defaults there.</summary>
internal sealed class ObjectColumn(EventMember member) : Column(member)
{
    public override Array ValueArray => Array.Empty<bool>();

    public override void SetDefault(int row)
    {
    }

    private protected override void EnsureValueCapacity(int rows)
    {
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows)
    {
    }
}

/// <summary>Arrays: which elements each row's has. The elements of all rows lie one after the other in the columns of <see cref="Elements"/>.</summary>
internal sealed class ListColumn(EventMember member) : Column(member)
{
    private int _capacity;

    /// <summary>Per row the index of its first element.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>Per row how many elements follow each other; 0 where the array is null.</summary>
    public int[] Lengths { get; private set; } = [];

    /// <summary>The columns that are indexed by elements.</summary>
    public IReadOnlyList<Column> Elements { get; init; } = [];

    /// <summary>How many elements there are. Some may belong to no row: those of a value that a later one of the same name replaced.</summary>
    public int ElementCount { get; set; }

    /// <summary>Makes room for that many elements and keeps the ones there.</summary>
    public void EnsureElements(int count)
    {
        if (count > _capacity)
        {
            _capacity = (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(count, 16), _capacity * 2L));
            foreach (Column column in Elements)
            {
                column.EnsureCapacity(_capacity);
            }
        }
    }

    public override Array ValueArray => Lengths;

    public override void SetDefault(int row) => (Starts[row], Lengths[row]) = (ElementCount, 0);

    private protected override void EnsureValueCapacity(int rows)
    {
        if (Starts.Length < rows)
        {
            int[] starts = Starts;
            int[] lengths = Lengths;
            Array.Resize(ref starts, rows);
            Array.Resize(ref lengths, rows);
            (Starts, Lengths) = (starts, lengths);
        }
    }

    private protected override void GatherValues(Column source, ReadOnlySpan<int> rows)
    {
        ListColumn lists = (ListColumn)source;
        Gather(lists.Starts, rows, Starts);
        Gather(lists.Lengths, rows, Lengths);
    }
}
