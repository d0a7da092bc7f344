using Lambda.Views;

namespace Lambda.Store;

/// <summary>
/// Editions of streams: beside the one that answers there may be replays, and editions that have answered before. They are claimed and committed like
/// streams, by the name of their lane (<see cref="EditionInfo.Lane"/>), and may not go further than the one that answers.
/// </summary>
internal interface IEditionStore
{
    /// <summary>The editions of a stream by number; none when it was never replayed.</summary>
    ValueTask<IReadOnlyList<EditionInfo>> ReadEditionsAsync(string stream, CancellationToken cancellationToken);

    /// <summary>Begins an edition that holds nothing yet.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="views">What it computes; registered versions.</param>
    /// <param name="archivedTo">Per partition how far the history reaches; not at all in those that it leaves out, as it was looked at before the stream got them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its number, higher than that of any earlier one of the stream.</returns>
    /// <exception cref="ViewStoreException">The store does not know the stream or a version, or has a replay of it that has not answered yet.</exception>
    ValueTask<int> BeginReplayAsync(string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo, CancellationToken cancellationToken);

    /// <summary>How far an edition that does not answer may go now.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset at which its open epoch could have to end.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask<FollowBound> ReadFollowBoundAsync(string stream, int partition, long from, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the owners of the edition that answers to commit no more for a while (<see cref="SealRequest.Hold"/>), so that another one comes as far; zero lets
    /// them go on.
    /// </summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    ValueTask HoldAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>
    /// Has an edition answer in place of the one that does, at once for all views: what is read afterwards is its partials and epochs, and it is claimed and
    /// committed by the name of the stream. The one before is kept.
    /// </summary>
    /// <param name="lease">The batch lease of the stream: no batch run sees one edition before and another behind.</param>
    /// <param name="edition">The edition.</param>
    /// <param name="views">What is declared now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FencedException">The lease was lost.</exception>
    /// <exception cref="IncompleteEditionException">It lacks offsets that the one which answers has committed.</exception>
    /// <exception cref="ViewStoreException">
    /// It is not known, answers already, computes other versions than those declared, or has an epoch on both sides of the boundary that is served.
    /// </exception>
    ValueTask PromoteAsync(BatchLease lease, int edition, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken);

    /// <summary>Removes an edition and its partials.</summary>
    /// <exception cref="ViewStoreException">It is not known, or answers.</exception>
    ValueTask DropEditionAsync(string stream, int edition, CancellationToken cancellationToken);
}
