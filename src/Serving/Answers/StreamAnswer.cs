namespace Lambda.Serving.Answers;

/// <summary>All streams.</summary>
/// <param name="CommitSequence">Rises with every change of the store: equal numbers mean equal answers, lag and idleness aside.</param>
/// <param name="Streams">The streams in the order of their declaration.</param>
internal sealed record StreamsAnswer(long CommitSequence, IReadOnlyList<StreamAnswer> Streams);

/// <summary>Where a stream stands.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Views">The views over it.</param>
/// <param name="Watermark">No event at or before it is expected any more: the least of the partitions that are not idle.</param>
/// <param name="Lag">How far the speed layer is behind the log; null when the log does not answer.</param>
/// <param name="Generation">The generation that is served; null before the first publication.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Boundary">Per partition the first offset that the generation does not cover.</param>
/// <param name="Accepted">Events the speed layer has taken.</param>
/// <param name="Quarantined">Quarantined records by reason.</param>
/// <param name="Freshness">What the newest event is.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record StreamAnswer(
    string Stream,
    IReadOnlyList<string> Views,
    DateTimeOffset? Watermark,
    LagAnswer? Lag,
    long? Generation,
    DateTimeOffset? PublishedAt,
    IReadOnlyList<long> Boundary,
    long Accepted,
    IReadOnlyDictionary<string, long> Quarantined,
    FreshnessAnswer Freshness,
    IReadOnlyList<PartitionAnswer> Partitions)
{
    /// <summary>Offsets that the log lost before they were read, and that somebody has accepted to go without.</summary>
    public IReadOnlyList<GapAnswer> Gaps { get; init; } = [];

    /// <summary>Offsets that the log has lost and the speed layer has not computed. Their partitions stand still until somebody accepts that.</summary>
    public IReadOnlyList<LostAnswer> Lost { get; init; } = [];

    /// <summary>What a person has to see to, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>A gap in what was read of a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Start">The first offset that is missing.</param>
/// <param name="End">The first one after those that are.</param>
/// <param name="AcceptedAt">When somebody accepted it.</param>
internal sealed record GapAnswer(int Partition, long Start, long End, DateTimeOffset AcceptedAt);

/// <summary>Offsets that a log has lost.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Start">The first one.</param>
/// <param name="End">The first one after them.</param>
internal sealed record LostAnswer(int Partition, long Start, long End);

/// <summary>Where a partition stands.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="NextOffset">The first offset that the speed layer has not committed.</param>
/// <param name="LogStart">The first offset in the log; null when the log does not answer.</param>
/// <param name="LogEnd">The first offset after the log's end; null when the log does not answer.</param>
/// <param name="Epoch">The open epoch.</param>
/// <param name="Watermark">No event at or before it is expected any more; null before the first event.</param>
/// <param name="IsIdle">Whether it has had no record for so long that it does not hold back the stream's watermark.</param>
/// <param name="Accepted">Events taken.</param>
/// <param name="Quarantined">Records refused by the speed layer.</param>
internal sealed record PartitionAnswer(
    int Partition,
    long NextOffset,
    long? LogStart,
    long? LogEnd,
    long Epoch,
    DateTimeOffset? Watermark,
    bool IsIdle,
    long Accepted,
    long Quarantined);

/// <summary>How far the speed layer is behind the log.</summary>
/// <param name="Events">
/// Offsets from the first record in the log that it has not committed to the end: at most so many records, as some offsets may hold none.
/// </param>
/// <param name="Seconds">
/// For how long the oldest of them has been waiting, 0 when there is none. Below a second it can be less: then it is since the record before was
/// appended.
/// </param>
internal sealed record LagAnswer(long Events, double Seconds);

/// <summary>What the newest event is.</summary>
/// <param name="NewestEventTime">The highest event time seen.</param>
/// <param name="NewestAppendTime">When the newest committed record was appended to the log.</param>
internal sealed record FreshnessAnswer(DateTimeOffset? NewestEventTime, DateTimeOffset? NewestAppendTime);
