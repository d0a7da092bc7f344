namespace Lambda.Aggregation;

/// <summary>Where an event stands in the time of its stream: by event time, and of those of one instant by partition, then offset.</summary>
/// <param name="Time">The event time in UTC microseconds.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Offset">The offset in the partition.</param>
internal readonly record struct EventMoment(long Time, int Partition, long Offset)
{
    /// <summary>Negative when this event stands before the other.</summary>
    public int CompareTo(EventMoment other) => Time != other.Time ? Time.CompareTo(other.Time)
        : Partition != other.Partition ? Partition.CompareTo(other.Partition)
        : Offset.CompareTo(other.Offset);
}

/// <summary>A value with the moment of the event that it is of.</summary>
internal readonly record struct Timed<T>(T Value, EventMoment Moment);

/// <summary>A value with what it is chosen by.</summary>
internal readonly record struct Ranked<TValue, TRank>(TValue Value, TRank Rank);
