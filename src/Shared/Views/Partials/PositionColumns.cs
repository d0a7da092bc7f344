using Lambda.Events;

namespace Lambda.Views.Partials;

/// <summary>The positions of the first events of partials, as columns.</summary>
internal sealed class PositionColumns
{
    /// <summary>The partition of the log.</summary>
    public ColumnBuffer<int> Partitions { get; } = new(ColumnType.Int32);

    /// <summary>The offset within the partition.</summary>
    public ColumnBuffer<long> Offsets { get; } = new(ColumnType.Int64);

    /// <summary>The position of a row.</summary>
    public EventPosition this[int row] => new(Partitions[row], Offsets[row]);

    /// <summary>Adds a position.</summary>
    public void Add(EventPosition position)
    {
        Partitions.Add(position.Partition);
        Offsets.Add(position.Offset);
    }

    /// <summary>Removes all rows; buffers stay.</summary>
    public void Clear()
    {
        Partitions.Clear();
        Offsets.Clear();
    }
}
