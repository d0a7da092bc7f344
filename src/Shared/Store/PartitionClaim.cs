namespace Lambda.Store;

/// <summary>What a new owner of a partition starts from.</summary>
/// <param name="Fence">The owner's fence number; every commit carries it.</param>
/// <param name="Epoch">The number of the open epoch, which is empty.</param>
/// <param name="NextOffset">The first offset that is not committed.</param>
/// <param name="MaxEventTime">The highest event time committed so far, in UTC microseconds; null before the first event.</param>
internal sealed record PartitionClaim(long Fence, long Epoch, long NextOffset, long? MaxEventTime);
