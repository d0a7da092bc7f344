namespace Lambda.Store;

/// <summary>What a new owner of a partition starts from.</summary>
/// <param name="Fence">The owner's fence number; every commit carries it.</param>
/// <param name="Epoch">The number of the open epoch, which is empty.</param>
/// <param name="NextOffset">The first offset that is not committed.</param>
/// <param name="MaxEventTime">The highest event time committed so far, in UTC microseconds; null before the first event.</param>
internal sealed record PartitionClaim(long Fence, long Epoch, long NextOffset, long? MaxEventTime)
{
    /// <summary>
    /// An offset above <see cref="NextOffset"/> at which an epoch has to end, as the current generation's boundary lies there: the batch layer has
    /// been further than the speed layer. Null when there is none.
    /// </summary>
    public long? SealAt { get; init; }

    /// <summary>The edition that was claimed.</summary>
    public int Edition { get; init; }

    /// <summary>The name that commits carry where it is not that of the stream: the lane of an edition that does not answer.</summary>
    public string? Lane { get; init; }
}
