using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store;

/// <summary>What the speed layer needs of a store.</summary>
internal interface ISpeedStore : IStreamStore, IGapStore
{
    /// <summary>
    /// Has a stream begin further partitions, which its log has got, at their first offset, in all of its editions: views that are computed cover them from there on, and no generation covers
    /// anything of them yet. A stream that has as many already stays as it is.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="partitions">How many it has in its log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="ViewStoreException">The store does not know the stream.</exception>
    ValueTask<int> GrowAsync(string stream, int partitions, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the caller the owner of a partition: raises its fence number, so that earlier owners can no longer commit, seals the open epoch at
    /// the committed offset (an empty one is taken over instead) and opens the next. The first claim opens epoch 1; before it a partition has none.
    /// </summary>
    ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken);

    /// <summary>
    /// What a new owner of a partition needs to judge late events as the one before it: the partials of all its epochs that came in time and whose live
    /// session is within <paramref name="bound"/>. Called after the claim, so that nobody adds to them. What it takes follows what was computed since
    /// the least of these sessions was live, not what the store holds: an epoch at whose end no event had come as late as <see
    /// cref="LiveSessionBound.LeastLastEvent"/> has none of them.
    /// </summary>
    /// <param name="view">A layout with live sessions (<see cref="PartialLayout.HasLiveSessions"/>).</param>
    /// <param name="lane">The stream, or the lane of another of its editions.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="bound">Which sessions are live.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask<PartialBatch> ReadLiveSessionsAsync(
        PartialLayout view, string lane, int partition, LiveSessionBound bound, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the effects of a run of offsets at once: replaces the partials of the open epoch that have the same address (one of no events removes what
    /// is there and leaves nothing), adds quarantine rows
    /// (a position that is there already, from this layer or for the same reason, is left alone) and advances the partition. With
    /// <see cref="EpochEnd.Seal"/> the epoch is sealed at <see cref="SpeedCommit.NextOffset"/> and the next one opened in the same transaction:
    /// always the next number, though an epoch that held no offset leaves nothing behind. A seal request counts as answered.
    /// </summary>
    /// <returns>Whether somebody waits for the open epoch to be sealed.</returns>
    /// <exception cref="FencedException">Another owner has claimed the partition.</exception>
    /// <exception cref="EditionChangedException">Another edition answers since the partition was claimed.</exception>
    /// <exception cref="ViewStoreException">
    /// The commit goes back behind what is committed, does not follow on it (<see cref="SpeedCommit.FollowsOn"/>), is for another epoch than the open one, has partials though its epoch
    /// holds no offset yet, or lets the epoch reach across the boundary of the current generation, where it must be sealed.
    /// </exception>
    ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken);

    /// <summary>
    /// Does a bounded piece of what commits of a backlog have put off: brings some of their partials of a view into the indexes, for reads to find. Answers are the
    /// same before and after. For who has nothing more urgent to do, owner or not.
    /// </summary>
    /// <param name="view">A registered layout.</param>
    /// <param name="lane">The stream, or the lane of another of its editions.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Ends the work, of which nothing is done then.</param>
    /// <returns>Whether there was something to do, so that there may be more.</returns>
    ValueTask<bool> IndexAsync(PartialLayout view, string lane, int partition, CancellationToken cancellationToken);

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

    /// <summary>
    /// The owner shall commit nothing more until it is not asked for this any longer, which takes moments: another edition is about to answer, and has to
    /// come as far.
    /// </summary>
    Hold,
}

/// <summary>What becomes of the open epoch at a commit.</summary>
internal enum EpochEnd
{
    /// <summary>It stays open.</summary>
    KeepOpen,

    /// <summary>It ends at the commit's next offset and is never written again.</summary>
    Seal,
}
