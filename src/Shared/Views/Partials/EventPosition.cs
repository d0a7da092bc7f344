namespace Lambda.Views.Partials;

/// <summary>Where an event stands in the log of its stream.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset within it.</param>
internal readonly record struct EventPosition(int Partition, long Offset) : IComparable<EventPosition>
{
    public int CompareTo(EventPosition other) =>
        Partition != other.Partition ? Partition.CompareTo(other.Partition) : Offset.CompareTo(other.Offset);
}
