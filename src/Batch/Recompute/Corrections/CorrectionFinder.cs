using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
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
    /// <summary>Finds the windows whose results change, and those whose change in events has no reason.</summary>
    /// <param name="view">The view.</param>
    /// <param name="served">What is served.</param>
    /// <param name="draft">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="eventsByDate">How many events it was computed of, by date.</param>
    /// <param name="found">Takes them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FindAsync(
        ViewDefinition view,
        ServedBefore served,
        GenerationDraft draft,
        Boundary boundary,
        IReadOnlyDictionary<DateOnly, long> eventsByDate,
        ViewCorrections found,
        CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        switch (view.Window)
        {
            case SlicedWindows { Slicing: { } slicing }:
                SliceCorrections slices = new(view, slicing, stored);
                await Parallel.ForEachAsync(
                    TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All, slicing),
                    new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken },
                    async (starts, token) => await found
                        .AddAsync(await slices.FindAsync(starts, served, draft, boundary, token).ConfigureAwait(false), token).ConfigureAwait(false))
                    .ConfigureAwait(false);
                break;

            case SessionWindows:
                await new SessionCorrections(view, stored)
                    .FindAsync(TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All), served, draft, boundary, found, cancellationToken)
                    .ConfigureAwait(false);
                break;

            default:
                await new CountCorrections(view, stored, store)
                    .FindAsync(new StoredOrders(stored, view, options), served, draft, boundary, eventsByDate.Values.Sum(), found, cancellationToken)
                    .ConfigureAwait(false);
                break;
        }
    }

    /// <summary>The same where a generation was carried over and merged with new events: only windows that these are part of can change.</summary>
    /// <param name="view">The view.</param>
    /// <param name="current">The generation that is served and was carried over.</param>
    /// <param name="generation">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="added">The partials of new events, whatever became of them.</param>
    /// <param name="found">Takes what changes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FindAroundAsync(
        ViewDefinition view,
        GenerationInfo current,
        long generation,
        Boundary boundary,
        PartialBatch added,
        ViewCorrections found,
        CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        PartialBatch speed = await stored.ReadSpeedAsync(current.Boundary, boundary, WindowRange.All, cancellationToken).ConfigureAwait(false);
        added.With(speed);
        IReadOnlyList<(WindowAddress Window, Correction Correction)> changes = view.Window switch
        {
            SlicedWindows { Slicing: { } slicing } => await new SliceCorrections(view, slicing, stored)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
            SessionWindows => await new SessionCorrections(view, stored)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
            _ => await new CountCorrections(view, stored, store)
                .FindAroundAsync(current.Generation, generation, speed, added, cancellationToken).ConfigureAwait(false),
        };
        await found.AddAsync(changes, cancellationToken).ConfigureAwait(false);
    }
}
