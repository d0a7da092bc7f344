namespace Lambda.Store;

/// <summary>The state of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partitions">Its partitions, by number.</param>
/// <param name="CurrentGeneration">The generation that is served; null before the first publication.</param>
/// <param name="QuarantineCounts">Quarantined records by reason.</param>
internal sealed record StreamStatus(
    string Stream,
    IReadOnlyList<PartitionStatus> Partitions,
    GenerationInfo? CurrentGeneration,
    IReadOnlyDictionary<Events.RejectReason, long> QuarantineCounts)
{
    /// <summary>The edition that answers.</summary>
    public int Edition { get; init; }

    /// <summary>The boundary that covers nothing of the stream: where each of its partitions begins.</summary>
    public Boundary Starts => new(Partitions.Select(partition => partition.Start));
}

/// <summary>The state of a partition as the speed layer last committed it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="NextOffset">The first offset that is not committed.</param>
/// <param name="Epoch">The open epoch.</param>
/// <param name="MaxEventTime">The highest event time seen, in UTC microseconds; null before the first event.</param>
/// <param name="LastAppendedAt">When the newest committed record was appended, in UTC microseconds; null before the first record.</param>
/// <param name="CommittedAt">When the last commit with records was made, in UTC microseconds by the store's clock; null before it.</param>
/// <param name="Accepted">Events taken since the stream began.</param>
/// <param name="Quarantined">Records refused since the stream began.</param>
internal sealed record PartitionStatus(
    int Partition,
    long NextOffset,
    long Epoch,
    long? MaxEventTime,
    long? LastAppendedAt,
    long? CommittedAt,
    long Accepted,
    long Quarantined)
{
    /// <summary>The offset that the partition begins at: where its log began when the stream was registered. Nothing before it was ever to be read.</summary>
    public long Start { get; init; }
}
