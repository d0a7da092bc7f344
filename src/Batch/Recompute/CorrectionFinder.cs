using Lambda.Store;
using Lambda.Views;

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

        var before = await ComposeAsync(
            PartialSelection.Accepted,
            stored.Generation(served, PartialKind.Kept, cancellationToken),
            stored.Speed(oldBoundary, boundary, cancellationToken)).ConfigureAwait(false);
        var after = await ComposeAsync(
            PartialSelection.Accepted, stored.Generation(generation, PartialKind.Kept, cancellationToken)).ConfigureAwait(false);
        var late = await ComposeAsync(
            PartialSelection.Late, stored.Speed(oldBoundary, boundary, cancellationToken)).ConfigureAwait(false);
        var duplicatesBefore = await RemovedAsync(served, PartialKind.Duplicate).ConfigureAwait(false);
        var duplicatesAfter = await RemovedAsync(generation, PartialKind.Duplicate).ConfigureAwait(false);
        var refusedBefore = await RemovedAsync(served, PartialKind.Quarantined).ConfigureAwait(false);
        var refusedAfter = await RemovedAsync(generation, PartialKind.Quarantined).ConfigureAwait(false);

        List<Correction> corrections = [];
        foreach ((GroupKey Key, long Start) address in before.Keys.Union(after.Keys).OrderBy(address => address.Start).ThenBy(address => address.Key))
        {
            WindowRow? old = before.GetValueOrDefault(address);
            WindowRow? now = after.GetValueOrDefault(address);
            long lateEvents = Events(late, address);
            long duplicates = Events(duplicatesAfter, address) - Events(duplicatesBefore, address);
            long quarantined = Events(refusedAfter, address) - Events(refusedBefore, address);
            long unexplained = (old?.EventCount ?? 0) + lateEvents - duplicates - quarantined - (now?.EventCount ?? 0);
            if (unexplained != 0 || !ResultComparison.AreSame(old, now))
            {
                corrections.Add(new Correction(
                    view.Name,
                    view.Layout.Version,
                    ResultJson.Key(view, address.Key),
                    address.Start,
                    (old ?? now)!.End,
                    old is null ? null : ResultJson.Results(view, old),
                    now is null ? null : ResultJson.Results(view, now),
                    new CorrectionReasons(lateEvents, duplicates, quarantined, unexplained)));
            }
        }

        return corrections;

        Task<IReadOnlyDictionary<(GroupKey Key, long Start), WindowRow>> ComposeAsync(
            PartialSelection selection, params IAsyncEnumerable<PartialBatch>[] sets) =>
            StoredWindows.ComposeAsync(view, selection, long.MinValue, cancellationToken, sets);

        Task<IReadOnlyDictionary<(GroupKey Key, long Start), WindowRow>> RemovedAsync(long? number, PartialKind kind) =>
            ComposeAsync(PartialSelection.Accepted, stored.Generation(number, kind, cancellationToken));
    }

    private static long Events(IReadOnlyDictionary<(GroupKey Key, long Start), WindowRow> windows, (GroupKey Key, long Start) address) =>
        windows.TryGetValue(address, out WindowRow? row) ? row.EventCount : 0;
}
