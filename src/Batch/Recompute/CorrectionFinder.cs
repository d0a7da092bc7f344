using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Finds what a publication changes in the windows of a view. Before it, a window is the current generation's kept events and those that the
/// speed layer accepted between the old boundary and the new; after it, the new generation's kept events. Whatever was late or is removed, both have
/// read the same events: what is not the same in the windows of all of them has no reason.
/// </summary>
internal sealed class CorrectionFinder(IBatchStore store)
{
    /// <summary>The windows whose results change, and those whose change in events has no reason, by start, then key.</summary>
    /// <param name="view">The view.</param>
    /// <param name="current">The generation that is served, if it holds this version of the view.</param>
    /// <param name="from">Its boundary; where the history begins when there is none.</param>
    /// <param name="generation">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAsync(
        ViewDefinition view, GenerationInfo? current, Boundary from, long generation, Boundary boundary, CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        WindowLedger before = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(before, current?.Generation, cancellationToken).ConfigureAwait(false);
        await stored.AddSpeedAsync(before, from, boundary, cancellationToken).ConfigureAwait(false);
        WindowLedger after = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(after, generation, cancellationToken).ConfigureAwait(false);
        return Compare(view, before.Compose(TimeWindow.All), after.Compose(TimeWindow.All));
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
        PartialBatch speed = await stored.ReadSpeedAsync(current.Boundary, boundary, cancellationToken).ConfigureAwait(false);
        added.With(speed);
        WindowLedger before = new(view, view.CountingOnly());
        await stored.AddGenerationAroundAsync(before, current.Generation, added, cancellationToken).ConfigureAwait(false);
        before.AddSpeed(speed);
        WindowLedger after = new(view, view.CountingOnly());
        await stored.AddGenerationAroundAsync(after, generation, added, cancellationToken).ConfigureAwait(false);
        return Compare(view, before.Compose(TimeWindow.All), after.Compose(TimeWindow.All));
    }

    private static List<Correction> Compare(ViewDefinition view, WindowAccounts before, WindowAccounts after)
    {
        List<Correction> corrections = [];
        foreach (WindowRow window in before.All.Concat(after.All).DistinctBy(row => row.Address).OrderBy(row => row.Address))
        {
            WindowAddress address = window.Address;
            long unexplained = (before.Read(address)?.EventCount ?? 0) - (after.Read(address)?.EventCount ?? 0);
            WindowRow? shownBefore = before.Served(address);
            WindowRow? shownAfter = after.Served(address);
            if (unexplained != 0 || !ResultComparison.AreSame(shownBefore, shownAfter))
            {
                RemovedEvents removed = after.RemovedAround(address) - before.RemovedAround(address);
                corrections.Add(new Correction(
                    view.Name,
                    view.Layout.Version,
                    ResultJson.Key(view, address.Key),
                    address.Start,
                    window.End,
                    shownBefore is null ? null : ResultJson.Results(view, shownBefore),
                    shownAfter is null ? null : ResultJson.Results(view, shownAfter),
                    new CorrectionReasons(before.Late(address), removed.Duplicates, removed.Quarantined, unexplained),
                    address.First));
            }
        }

        return corrections;
    }
}
