using Lambda.Views;

namespace Lambda.Store;

/// <summary>What the batch layer needs of a store.</summary>
internal interface IBatchStore : IGapStore, IMetricStore
{
    /// <summary>Takes the stream's batch lease unless another owner holds one that has not run out; null then.</summary>
    ValueTask<BatchLease?> TryAcquireLeaseAsync(string stream, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Holds the lease for another <paramref name="duration"/> from now.</summary>
    /// <exception cref="FencedException">The lease has run out and been taken by another owner.</exception>
    ValueTask RenewLeaseAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Gives the lease back; does nothing when it was lost.</summary>
    ValueTask ReleaseLeaseAsync(BatchLease lease, CancellationToken cancellationToken);

    /// <summary>Asks the owners of all partitions of a stream to seal their open epochs.</summary>
    ValueTask RequestSealAsync(string stream, CancellationToken cancellationToken);

    /// <summary>The epochs of a stream, by partition and epoch number.</summary>
    ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsAsync(string stream, CancellationToken cancellationToken);

    /// <summary>Starts a generation that nobody sees yet and removes what unfinished ones of the stream have left behind.</summary>
    /// <returns>Its number, higher than that of any earlier generation of the stream.</returns>
    /// <exception cref="FencedException">The lease was lost.</exception>
    /// <exception cref="ViewStoreException">The boundary cuts an epoch, or lies before that of the current generation.</exception>
    ValueTask<long> BeginGenerationAsync(BatchLease lease, GenerationPlan plan, CancellationToken cancellationToken);

    /// <summary>Adds partials to a generation that is not published.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask WriteGenerationAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch partials, CancellationToken cancellationToken);

    /// <summary>The partials of one view and kind in a generation, published or not, as batches.</summary>
    IAsyncEnumerable<PartialBatch> ReadGenerationAsync(
        PartialLayout view, long generation, PartialKind kind, CancellationToken cancellationToken);

    /// <summary>The speed partials of sealed epochs that lie within <paramref name="from"/> (inclusive) and <paramref name="to"/> (exclusive).</summary>
    IAsyncEnumerable<PartialBatch> ReadSpeedAsync(PartialLayout view, Boundary from, Boundary to, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a generation the current one and stores its report, its corrections and the records its row checks refused, all at once.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost; the current generation stays.</exception>
    /// <exception cref="ViewStoreException">The report blocks the generation, or its boundary has come to cut an epoch since it was begun.</exception>
    ValueTask PublishAsync(BatchLease lease, long generation, Publication publication, CancellationToken cancellationToken);

    /// <summary>Gives a generation up: removes its partials and stores the report that says why.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask RejectAsync(BatchLease lease, long generation, AuditReport report, CancellationToken cancellationToken);

    /// <summary>
    /// Removes generations that were superseded before <paramref name="before"/>, and speed partials of windows that ended before it and have none
    /// superseded since. Earlier windows of the view are from then on left out of comparisons (see <see cref="ViewSnapshot.ComparableFrom"/>).
    /// </summary>
    ValueTask ExpireAsync(BatchLease lease, DateTimeOffset before, CancellationToken cancellationToken);
}
