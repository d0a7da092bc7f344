using Lambda.Events;
using Lambda.Quality;

namespace Lambda.Views;

/// <summary>A stream as declared: what its events are, how time works in it, what is checked, and the views over it. Immutable once built.</summary>
internal sealed class StreamDefinition
{
    /// <summary>The name; also that of the topic or the log's stream.</summary>
    public required string Name { get; init; }

    /// <summary>The columns of its events.</summary>
    public required EventSchema Schema { get; init; }

    /// <summary>The member that holds the event time.</summary>
    public required EventMember EventTime { get; init; }

    /// <summary>The member that identifies an event; null when events have no identity and are never taken for repetitions.</summary>
    public required EventMember? EventId { get; init; }

    /// <summary>The member whose value chooses the partition; null when the whole record does.</summary>
    public required EventMember? PartitionKey { get; init; }

    /// <summary>How many partitions the stream gets when it is created.</summary>
    public required int Partitions { get; init; }

    /// <summary>When the batch layer recomputes it, as a cron expression in UTC; null for as often as the batch layer's options say.</summary>
    public string? RecomputeSchedule { get; init; }

    /// <summary>How far an event may be behind the newest one of its partition without being late.</summary>
    public required TimeSpan OutOfOrderness { get; init; }

    /// <summary>After how long without records a partition no longer holds back the stream's watermark.</summary>
    public required TimeSpan IdleAfter { get; init; }

    /// <summary>How far an event time may be ahead of the record's append time.</summary>
    public required TimeSpan MaxFutureSkew { get; init; }

    /// <summary>Row checks; the batch layer quarantines what fails one.</summary>
    public required IReadOnlyList<RowCheck> RowChecks { get; init; }

    /// <summary>Checks of the data as a whole that a generation has to pass.</summary>
    public required IReadOnlyList<DataCheck> DataChecks { get; init; }

    /// <summary>The views over the stream.</summary>
    public required IReadOnlyList<ViewDefinition> Views { get; init; }

    /// <summary>The same stream with some of its views.</summary>
    public StreamDefinition With(IReadOnlyList<ViewDefinition> views) => new()
    {
        Name = Name,
        Schema = Schema,
        EventTime = EventTime,
        EventId = EventId,
        PartitionKey = PartitionKey,
        Partitions = Partitions,
        RecomputeSchedule = RecomputeSchedule,
        OutOfOrderness = OutOfOrderness,
        IdleAfter = IdleAfter,
        MaxFutureSkew = MaxFutureSkew,
        RowChecks = RowChecks,
        DataChecks = DataChecks,
        Views = views,
    };
}
