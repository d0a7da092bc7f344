using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Finds what a publication changes in the windows of a view. Before it, a window is the current generation's kept events and those that the
/// speed layer accepted between the old boundary and the new; after it, the new generation's kept events. So the number of events must change by
/// the late ones between the boundaries, less the repetitions and refused rows that the new generation removed and the current one had not.
/// </summary>
internal sealed class CorrectionFinder(IBatchStore store)
{
    /// <summary>The windows whose results change, and those whose change in events has no reason, by start, then key.</summary>
    /// <param name="view">The view.</param>
    /// <param name="current">The generation that is served, if it holds this version of the view.</param>
    /// <param name="generation">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAsync(
        ViewDefinition view, GenerationInfo? current, long generation, Boundary boundary, CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        Boundary oldBoundary = current?.Boundary ?? Boundary.Zero(boundary.Partitions);
        long? served = current?.Generation;

        WindowComposer before = new(view);
        PartialSource servedBatch = before.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource servedSpeed = before.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource late = before.AddSource(PartialSelection.Late, SourceRole.JoiningTally);
        PartialSource duplicatesBefore = before.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        PartialSource refusedBefore = before.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        await AddAsync(before, stored.Generation(served, PartialKind.Kept, cancellationToken), servedBatch).ConfigureAwait(false);
        await AddAsync(before, stored.Speed(oldBoundary, boundary, cancellationToken), servedSpeed, late).ConfigureAwait(false);
        await AddAsync(before, stored.Generation(served, PartialKind.Duplicate, cancellationToken), duplicatesBefore).ConfigureAwait(false);
        await AddAsync(before, stored.Generation(served, PartialKind.Quarantined, cancellationToken), refusedBefore).ConfigureAwait(false);

        WindowComposer after = new(view);
        PartialSource kept = after.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource duplicatesAfter = after.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        PartialSource refusedAfter = after.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        await AddAsync(after, stored.Generation(generation, PartialKind.Kept, cancellationToken), kept).ConfigureAwait(false);
        await AddAsync(after, stored.Generation(generation, PartialKind.Duplicate, cancellationToken), duplicatesAfter).ConfigureAwait(false);
        await AddAsync(after, stored.Generation(generation, PartialKind.Quarantined, cancellationToken), refusedAfter).ConfigureAwait(false);

        Dictionary<WindowAddress, WindowRow> oldRows = before.Compose(TimeWindow.All).ToDictionary(row => row.Address);
        Dictionary<WindowAddress, WindowRow> newRows = after.Compose(TimeWindow.All).ToDictionary(row => row.Address);
        List<Correction> corrections = [];
        foreach (WindowAddress address in oldRows.Keys.Union(newRows.Keys).Order())
        {
            WindowRow? old = oldRows.GetValueOrDefault(address);
            WindowRow? now = newRows.GetValueOrDefault(address);
            long lateEvents = old?.EventsOf(late) ?? 0;
            long duplicates = (now?.EventsOf(duplicatesAfter) ?? 0) - (old?.EventsOf(duplicatesBefore) ?? 0);
            long quarantined = (now?.EventsOf(refusedAfter) ?? 0) - (old?.EventsOf(refusedBefore) ?? 0);
            long unexplained = (old?.EventCount ?? 0) + lateEvents - duplicates - quarantined - (now?.EventCount ?? 0);
            WindowRow? shownBefore = old is { EventCount: > 0 } ? old : null;
            WindowRow? shownAfter = now is { EventCount: > 0 } ? now : null;
            if (unexplained != 0 || !ResultComparison.AreSame(shownBefore, shownAfter))
            {
                corrections.Add(new Correction(
                    view.Name,
                    view.Layout.Version,
                    ResultJson.Key(view, address.Key),
                    address.Start,
                    (old ?? now)!.End,
                    shownBefore is null ? null : ResultJson.Results(view, shownBefore),
                    shownAfter is null ? null : ResultJson.Results(view, shownAfter),
                    new CorrectionReasons(lateEvents, duplicates, quarantined, unexplained)));
            }
        }

        return corrections;

        Task AddAsync(WindowComposer composer, IAsyncEnumerable<PartialBatch> set, params PartialSource[] sources) =>
            StoredWindows.AddAsync(composer, set, cancellationToken, sources);
    }
}
