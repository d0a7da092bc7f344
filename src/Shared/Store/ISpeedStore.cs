namespace Lambda.Store;

/// <summary>What the speed layer needs of a store.</summary>
internal interface ISpeedStore
{
    /// <summary>
    /// Makes the caller the owner of a partition: raises its fence number, so that earlier owners can no longer commit, seals the open epoch at
    /// the committed offset (an empty one is taken over instead) and opens the next. The first claim opens epoch 1; before it a partition has none.
    /// </summary>
    ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the effects of a run of offsets at once: replaces the partials of the open epoch that have the same address, adds quarantine rows
    /// (a position that is there already, from this layer or for the same reason, is left alone) and advances the partition. With
    /// <see cref="EpochEnd.Seal"/> the epoch is sealed at <see cref="SpeedCommit.NextOffset"/> and the next one opened in the same transaction:
    /// always the next number, though an epoch that held no offset leaves nothing behind. A seal request counts as answered.
    /// </summary>
    /// <returns>Whether somebody waits for the open epoch to be sealed.</returns>
    /// <exception cref="FencedException">Another owner has claimed the partition.</exception>
    /// <exception cref="ViewStoreException">
    /// The commit goes back behind what is committed, is for another epoch than the open one, has partials though its epoch holds no offset yet,
    /// or lets the epoch reach across the boundary of the current generation, where it must be sealed.
    /// </exception>
    ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken);

    /// <summary>Whether somebody waits for the open epoch of a partition to be sealed.</summary>
    ValueTask<SealRequest> ReadSealRequestAsync(string stream, int partition, CancellationToken cancellationToken);
}

/// <summary>Whether the batch layer waits for an epoch to end.</summary>
internal enum SealRequest
{
    /// <summary>Nobody waits.</summary>
    None,

    /// <summary>The owner shall seal the open epoch with its next commit, an empty commit if need be.</summary>
    Pending,
}

/// <summary>What becomes of the open epoch at a commit.</summary>
internal enum EpochEnd
{
    /// <summary>It stays open.</summary>
    KeepOpen,

    /// <summary>It ends at the commit's next offset and is never written again.</summary>
    Seal,
}
