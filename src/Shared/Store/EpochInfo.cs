using Lambda.Log;

namespace Lambda.Store;

/// <summary>An epoch of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Epoch">The epoch's number, rising within the partition.</param>
/// <param name="Offsets">The offsets that its partials hold, so far when it is open.</param>
/// <param name="State">Whether it can still be written.</param>
internal sealed record EpochInfo(int Partition, long Epoch, OffsetRange Offsets, EpochState State)
{
    /// <summary>The edition that it is of.</summary>
    public int Edition { get; init; }
}

/// <summary>Whether an epoch can still be written.</summary>
internal enum EpochState
{
    /// <summary>It takes commits.</summary>
    Open,

    /// <summary>It has ended and is never written again.</summary>
    Sealed,
}
