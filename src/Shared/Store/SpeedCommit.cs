using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>The effects of a run of offsets of one partition.</summary>
internal sealed record SpeedCommit
{
    private static readonly IReadOnlyDictionary<string, long> NoneLate = new Dictionary<string, long>();

    /// <summary>The stream, or the lane of an edition that does not answer.</summary>
    public required string Stream { get; init; }

    /// <summary>The edition that was claimed.</summary>
    public int Edition { get; init; }

    /// <summary>The partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The owner's fence number.</summary>
    public required long Fence { get; init; }

    /// <summary>The open epoch that the partials belong to.</summary>
    public required long Epoch { get; init; }

    /// <summary>
    /// The first offset that its owner does not know to be committed, where the run begins; null where the owner does not say. A store that has lost commits which it had acknowledged, as by a
    /// failover to a standby that lagged, refuses what follows on them.
    /// </summary>
    public long? FollowsOn { get; init; }

    /// <summary>The first offset that is not part of this or an earlier commit.</summary>
    public required long NextOffset { get; init; }

    /// <summary>The highest event time seen in the partition, in UTC microseconds; null when there was no event yet.</summary>
    public required long? MaxEventTime { get; init; }

    /// <summary>When the newest record was appended, in UTC microseconds, as the log says; null when the commit holds none.</summary>
    public required long? LastAppendedAt { get; init; }

    /// <summary>Events of the run that were decoded, by what became of them.</summary>
    public required EventTally Tally { get; init; }

    /// <summary>By view how many events of the run came too late for all their windows; views without are left out. Told to people, not stored.</summary>
    public IReadOnlyDictionary<string, long> Late { get; init; } = NoneLate;

    /// <summary>Per view the partials touched, each with the whole of what the epoch has accumulated at its address.</summary>
    public required IReadOnlyList<PartialBatch> Partials { get; init; }

    /// <summary>Records that were refused.</summary>
    public required IReadOnlyList<QuarantinedRecord> Quarantine { get; init; }

    /// <summary>What becomes of the open epoch.</summary>
    public required EpochEnd EpochEnd { get; init; }
}

/// <summary>How many events a run of offsets held.</summary>
/// <param name="Accepted">Events that were decoded and taken by the operator.</param>
/// <param name="Quarantined">Records that were refused.</param>
internal readonly record struct EventTally(long Accepted, long Quarantined);
