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

    /// <summary>The edition that it is of.</summary>
    public int Edition { get; init; }

    /// <summary>Whether its owner is asked to commit nothing for now.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The boundary of the stream's current generation; null when there is none.</summary>
    public string? Boundary { get; set; }

    /// <summary>What the owner is asked for.</summary>
    public SealRequest SealRequest => IsHeld ? SealRequest.Hold : SealRequested ? SealRequest.Pending : SealRequest.None;

    /// <summary>What the owner is asked for once a commit is made; a request to seal may have been answered by it.</summary>
    public SealRequest RequestAfter(EpochEnd end) => SealRequest == SealRequest.Pending && end == EpochEnd.Seal ? SealRequest.None : SealRequest;

    /// <summary>What the next owner gets: the open epoch is sealed when it holds an offset, and taken over when it is empty.</summary>
    public PartitionClaim NextClaim(string lane, int partition)
    {
        long epoch = Epoch == 0 ? 1 : Epoch;
        long? boundary = Boundary is null ? null : StoredJson.ReadBoundary(Boundary)[partition];
        return new PartitionClaim(Fence + 1, NextOffset > EpochStart ? epoch + 1 : epoch, NextOffset, MaxEventTime)
        {
            SealAt = boundary > NextOffset ? boundary : null,
            Edition = Edition,
            Lane = EditionLane.IsBeside(lane) ? lane : null,
        };
    }

    /// <summary>Says that the store does not know a partition.</summary>
    public static ViewStoreException Unknown(string stream, int partition) => EditionLane.IsBeside(stream)
        ? new EditionChangedException($"There is no edition '{stream}' any more, or it answers now: stop working on it.")
        : new ViewStoreException(
            $"The store does not know partition {partition} of stream '{stream}', which has fewer there. It is made known when a process that computes the stream is given it.");
}
