namespace Lambda.Store;

/// <summary>An edition of a stream: one computation of its views by the speed layer, from where the stream begins.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Edition">Its number, never used again for another of the stream; 0 is the one that began with the stream.</param>
/// <param name="State">What it is for.</param>
/// <param name="Views">The version of each view that it computes, by view name; empty for the one that answers, which computes what is declared.</param>
/// <param name="ArchivedTo">
/// Per partition how far the history reached when the replay was begun: records before that are taken from the history. Null for the edition that began with
/// the stream.
/// </param>
/// <param name="StartedAt">When it was begun, in UTC.</param>
/// <param name="ServedAt">
/// Since when it answers, or last did, in UTC; null when it never has, and for the edition that began with the stream until another has answered in between.
/// </param>
/// <param name="LeftAt">When another took its place, in UTC; null while it answers, and before.</param>
/// <param name="Partitions">How far it has come, by partition.</param>
internal sealed record EditionInfo(
    string Stream,
    int Edition,
    EditionState State,
    IReadOnlyDictionary<string, string> Views,
    Boundary? ArchivedTo,
    DateTimeOffset StartedAt,
    DateTimeOffset? ServedAt,
    DateTimeOffset? LeftAt,
    IReadOnlyList<EditionProgress> Partitions)
{
    /// <summary>Its lane: the stream's own when it answers.</summary>
    public string Lane => State == EditionState.Live ? Stream : EditionLane.Of(Stream, Edition);

    /// <summary>Whether it holds everything that the edition which answers has committed.</summary>
    public bool IsComplete => Partitions.All(partition => partition.NextOffset >= partition.End);

    /// <summary>How many offsets the edition that answers has committed and this one has not.</summary>
    public long Missing => Partitions.Sum(partition => Math.Max(0, partition.End - partition.NextOffset));
}

/// <summary>How far an edition has come with a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Start">The offset that it begins at.</param>
/// <param name="NextOffset">The first offset that it has not committed.</param>
/// <param name="End">The first offset that the edition which answers has not committed.</param>
internal sealed record EditionProgress(int Partition, long Start, long NextOffset, long End);

/// <summary>What an edition is for.</summary>
internal enum EditionState
{
    /// <summary>Computed from the beginning, and has never answered.</summary>
    Replaying,

    /// <summary>The one that answers.</summary>
    Live,

    /// <summary>Answered before, and is computed on, so that it can answer again.</summary>
    Kept,
}

/// <summary>How far an edition that does not answer may go without passing a place where the one that answers has ended an epoch.</summary>
/// <param name="Limit">The first offset that the edition which answers has not committed.</param>
/// <param name="SealAt">The next offset at which an epoch has to end, as a boundary lies there or may come to; null when there is none yet.</param>
internal readonly record struct FollowBound(long Limit, long? SealAt);
