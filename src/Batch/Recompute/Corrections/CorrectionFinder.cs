using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>
/// Finds what a publication changes in the windows of a view. Before it, a window is the current generation's kept events and those that the
/// speed layer accepted between the old boundary and the new; after it, the new generation's kept events. Whatever was late or is removed, both have
/// read the same events: what is not the same in the windows of all of them has no reason.
/// </summary>
/// <param name="store">Where partials are.</param>
/// <param name="options">How much is compared at once.</param>
internal sealed class CorrectionFinder(IBatchStore store, BatchOptions options)
{
    /// <summary>The windows whose results change, and those whose change in events has no reason, by start, then key.</summary>
    /// <param name="view">The view.</param>
    /// <param name="served">What is served.</param>
    /// <param name="draft">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="eventsByDate">How many events it was computed of, by date.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAsync(
        ViewDefinition view,
        ServedBefore served,
        GenerationDraft draft,
        Boundary boundary,
        IReadOnlyDictionary<DateOnly, long> eventsByDate,
        CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        switch (view.Window)
        {
            case SlicedWindows { Slicing: { } slicing }:
                SliceCorrections slices = new(view, slicing, stored);
                return await TimeChunks.SelectAsync(
                    TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All, slicing),
                    options.Workers,
                    (starts, token) => slices.FindAsync(starts, served, draft, boundary, token),
                    cancellationToken).ConfigureAwait(false);

            case SessionWindows:
                return await new SessionCorrections(view, stored)
                    .FindAsync(TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All), served, draft, boundary, cancellationToken).ConfigureAwait(false);

            default:
                return await new CountCorrections(view, stored, store)
                    .FindAsync(new StoredOrders(stored, view, options), served, draft, boundary, eventsByDate.Values.Sum(), cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>The same where a generation was carried over and merged with new events: only windows that these are part of can change.</summary>
    /// <param name="view">The view.</param>
    /// <param name="current">The generation that is served and was carried over.</param>
    /// <param name="generation">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="added">The partials of new events, whatever became of them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAroundAsync(
        ViewDefinition view, GenerationInfo current, long generation, Boundary boundary, PartialBatch added, CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        PartialBatch speed = await stored.ReadSpeedAsync(current.Boundary, boundary, WindowRange.All, cancellationToken).ConfigureAwait(false);
        added.With(speed);
        return view.Window switch
        {
            SlicedWindows { Slicing: { } slicing } => await new SliceCorrections(view, slicing, stored)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
            SessionWindows => await new SessionCorrections(view, stored)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
            _ => await new CountCorrections(view, stored, store)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
        };
    }
}
