namespace Lambda.Store.Relational;

/// <summary>Who owns a partition and how far it is.</summary>
internal class PartitionRow
{
    public long Fence { get; init; }

    /// <summary>The open epoch; zero before the first claim, when there is none.</summary>
    public long Epoch { get; init; }

    public long EpochStart { get; init; }

    public long NextOffset { get; init; }

    public long? MaxEventTime { get; init; }

    public bool SealRequested { get; init; }

    /// <summary>The boundary of the stream's current generation; null when there is none.</summary>
    public string? Boundary { get; set; }

    /// <summary>Whether somebody waits for the open epoch to end.</summary>
    public SealRequest SealRequest => SealRequested ? SealRequest.Pending : SealRequest.None;

    /// <summary>What the next owner gets: the open epoch is sealed when it holds an offset, and taken over when it is empty.</summary>
    public PartitionClaim NextClaim(int partition)
    {
        long epoch = Epoch == 0 ? 1 : Epoch;
        long? boundary = Boundary is null ? null : StoredJson.ReadBoundary(Boundary)[partition];
        return new PartitionClaim(Fence + 1, NextOffset > EpochStart ? epoch + 1 : epoch, NextOffset, MaxEventTime)
        {
            SealAt = boundary > NextOffset ? boundary : null,
        };
    }

    /// <summary>Says that the store does not know a partition.</summary>
    public static ViewStoreException Unknown(string stream, int partition) => new(
        $"The store does not know partition {partition} of stream '{stream}'. Register the stream with all of its partitions first.");
}
