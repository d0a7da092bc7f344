namespace Lambda.Store.Relational;

/// <summary>The state of a partition as its row holds it.</summary>
internal sealed class StatusRow
{
    /// <summary>The columns of the row, named as the members are.</summary>
    public const string Columns =
        "partition, next_offset AS NextOffset, epoch, max_event_time AS MaxEventTime, last_appended_at AS LastAppendedAt, "
        + "committed_at AS CommittedAt, accepted, quarantined, start_offset AS Start, edition";

    public int Partition { get; init; }

    public long NextOffset { get; init; }

    public long Epoch { get; init; }

    public long? MaxEventTime { get; init; }

    public long? LastAppendedAt { get; init; }

    public long? CommittedAt { get; init; }

    public long Accepted { get; init; }

    public long Quarantined { get; init; }

    public long Start { get; init; }

    public int Edition { get; init; }

    public PartitionStatus ToStatus() =>
        new(Partition, NextOffset, Epoch, MaxEventTime, LastAppendedAt, CommittedAt, Accepted, Quarantined) { Start = Start };
}
