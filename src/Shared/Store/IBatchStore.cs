using Lambda.Log;
using Lambda.Views;
using Lambda.Views.Partials;

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

    /// <summary>
    /// The epochs of a stream, by partition and epoch number. Those that end before the boundaries of all kept generations may have become one, with the number of the last of them.
    /// </summary>
    ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsAsync(string stream, CancellationToken cancellationToken);

    /// <summary>Starts a generation that nobody sees yet and removes what unfinished ones of the stream have left behind.</summary>
    /// <returns>Its number, higher than that of any earlier generation of the stream.</returns>
    /// <exception cref="FencedException">The lease was lost.</exception>
    /// <exception cref="ViewStoreException">
    /// The boundary cuts an epoch, or lies before that of the current generation; or the generation that it is based on is not the current one, or lacks a view.
    /// </exception>
    ValueTask<long> BeginGenerationAsync(BatchLease lease, GenerationPlan plan, CancellationToken cancellationToken);

    /// <summary>Adds partials to a generation that is not published.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask WriteGenerationAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch partials, CancellationToken cancellationToken);

    /// <summary>
    /// Takes partials out of those that a generation has carried over, so that others can be written in their place: those that have the key of one of
    /// <paramref name="touched"/> and its interval; of sessions those that overlap or touch it; where layouts have positions, the last one of the key in each
    /// partition. The generation that they were carried over from keeps them.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask<PartialBatch> TakeCarriedAsync(
        BatchLease lease, long generation, PartialKind kind, PartialBatch touched, CancellationToken cancellationToken);

    /// <summary>
    /// Takes partials out and writes others in their place, those of one version of a view one after the other and all at once: for few, as other writes may have to wait until what is to be
    /// written is known. Of several views what is to be written may be asked for by several threads.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask ExchangeCarriedAsync(
        BatchLease lease, long generation, IReadOnlyList<CarriedExchange> exchanges, CancellationToken cancellationToken);

    /// <summary>
    /// Adds corrections to a generation that is not published. They are seen when it is, with those of its <see cref="Publication"/>, as written at this time; they go when it is given up.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    /// <exception cref="ViewStoreException">It is not being written.</exception>
    ValueTask WriteCorrectionsAsync(BatchLease lease, long generation, IReadOnlyList<Correction> corrections, CancellationToken cancellationToken);

    /// <summary>Notes events that count in nothing of a generation that is not published; those that it has carried over are noted already.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask WriteRemovedAsync(BatchLease lease, long generation, IReadOnlyList<LogPosition> removed, CancellationToken cancellationToken);

    /// <summary>Takes positions out of those that a generation, which is not published, has carried over; others are left out.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask TakeRemovedAsync(BatchLease lease, long generation, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken);

    /// <summary>All events below the boundary of a generation that count in nothing of it, in any order.</summary>
    ValueTask<IReadOnlyList<LogPosition>> ReadRemovedAsync(string stream, long generation, CancellationToken cancellationToken);

    /// <summary>What a later run goes on from; null when a generation is to be computed from everything.</summary>
    ValueTask<GenerationBasis?> ReadBasisAsync(string stream, long generation, CancellationToken cancellationToken);

    /// <summary>Forgets what the generations of a stream were computed from: the next run computes everything, from whichever history there is.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask ForgetBasesAsync(BatchLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// The partials of one view and kind in a generation that have the key of one of <paramref name="around"/> and are near it, in one batch.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="generation">The generation, published or not.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="around">Partials of the view, of which keys, intervals and positions count.</param>
    /// <param name="nearness">What is near.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask<PartialBatch> ReadAroundAsync(
        PartialLayout view, long generation, PartialKind kind, PartialBatch around, Nearness nearness, CancellationToken cancellationToken);

    /// <summary>The partials of one view and kind in a generation, published or not, whose intervals overlap a range, of some keys, as batches.</summary>
    IAsyncEnumerable<PartialBatch> ReadGenerationAsync(
        PartialLayout view, long generation, PartialKind kind, WindowRange range, KeyPiece keys, CancellationToken cancellationToken);

    /// <summary>
    /// The speed partials of sealed epochs that lie within <paramref name="from"/> (inclusive) and <paramref name="to"/> (exclusive), and whose intervals
    /// overlap a range, of some keys, as batches.
    /// </summary>
    IAsyncEnumerable<PartialBatch> ReadSpeedAsync(
        PartialLayout view, Boundary from, Boundary to, WindowRange range, KeyPiece keys, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a generation the current one and stores its report, its corrections and the records its row checks refused, all at once.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost; the current generation stays.</exception>
    /// <exception cref="ViewStoreException">The report blocks the generation, or its boundary has come to cut an epoch since it was begun.</exception>
    ValueTask PublishAsync(BatchLease lease, long generation, Publication publication, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a generation the current one again that was superseded and is still kept: its results and its boundary at once. Speed partials from the
    /// boundary on are kept for as long as the generation is.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost; the current generation stays.</exception>
    /// <exception cref="ViewStoreException">The generation is not known any more, was never published, or is the current one.</exception>
    ValueTask RollBackAsync(BatchLease lease, long generation, CancellationToken cancellationToken);

    /// <summary>Gives a generation up without a trace, such as one that was only to be looked at.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask DiscardAsync(BatchLease lease, long generation, CancellationToken cancellationToken);

    /// <summary>Gives a generation up: removes its partials and stores the report that says why.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask RejectAsync(BatchLease lease, long generation, AuditReport report, CancellationToken cancellationToken);

    /// <summary>Keeps records that the batch layer has refused; those that are there already, from the same layer or for the same reason, are left alone.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask QuarantineAsync(BatchLease lease, IReadOnlyList<QuarantinedRecord> records, CancellationToken cancellationToken);

    /// <summary>Removes what is kept of refused records, such as of events that somebody had deleted; positions without one are left out.</summary>
    /// <returns>How many records are gone.</returns>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask<int> ForgetQuarantinedAsync(BatchLease lease, IReadOnlyCollection<LogPosition> positions, CancellationToken cancellationToken);

    /// <summary>
    /// Removes generations that were superseded before <paramref name="before"/>, and speed partials of windows that ended before it and have none
    /// superseded since, nor any that a generation does not cover which is kept. Earlier windows of the view are from then on left out of comparisons
    /// (see <see cref="ViewSnapshot.ComparableFrom"/>).
    /// </summary>
    ValueTask ExpireAsync(BatchLease lease, DateTimeOffset before, CancellationToken cancellationToken);
}
