namespace Lambda.Log;

/// <summary>Where a record stands in its stream's log. Ordered by what decides between repetitions: the lower offset, then the lower partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset within it.</param>
internal readonly record struct LogPosition(int Partition, long Offset) : IComparable<LogPosition>
{
    public int CompareTo(LogPosition other) => Offset != other.Offset ? Offset.CompareTo(other.Offset) : Partition.CompareTo(other.Partition);
}
