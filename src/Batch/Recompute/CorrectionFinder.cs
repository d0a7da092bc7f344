using Lambda.Batch.Recompute.Contents;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

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
    /// <param name="current">The generation that is served, if it holds this version of the view.</param>
    /// <param name="served">What that holds; null when it is not known.</param>
    /// <param name="from">Its boundary; where the history begins when there is none.</param>
    /// <param name="draft">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="eventsByDate">How many events it was computed of, by date.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAsync(
        ViewDefinition view,
        GenerationInfo? current,
        GenerationContents? served,
        Boundary from,
        GenerationDraft draft,
        Boundary boundary,
        IReadOnlyDictionary<DateOnly, long> eventsByDate,
        CancellationToken cancellationToken)
    {
        if (view.Window is SlicedWindows windows)
        {
            return await TimeChunks.SelectAsync(
                TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All, windows.Slicing),
                options.Workers,
                (starts, token) => FindAmongAsync(view, windows.Slicing, starts, current, served, from, draft, boundary, token),
                cancellationToken).ConfigureAwait(false);
        }

        if (view.Window is SessionWindows)
        {
            return await FindSessionsAsync(view, current, served, from, draft, boundary, eventsByDate, cancellationToken).ConfigureAwait(false);
        }

        if (from.Covers(boundary) && HasSame(draft, served, view, TimeWindow.All))
        {
            return [];
        }

        StoredWindows stored = new(store, view);
        WindowLedger before = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(before, current?.Generation, cancellationToken).ConfigureAwait(false);
        await stored.AddSpeedAsync(before, from, boundary, cancellationToken).ConfigureAwait(false);
        WindowLedger after = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(after, draft.Number, cancellationToken).ConfigureAwait(false);
        return Compare(view, before.Compose(TimeWindow.All), after.Compose(TimeWindow.All), _ => true);
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
        if (view.Window is SlicedWindows windows)
        {
            var slicesBefore = await stored.ReadGenerationAroundAsync(current.Generation, added, cancellationToken).ConfigureAwait(false);
            var slicesAfter = await stored.ReadGenerationAroundAsync(generation, added, cancellationToken).ConfigureAwait(false);
            return CompareSlices(view, new SliceWindows(view, windows.Slicing, TimeWindow.All), slicesBefore, speed, slicesAfter);
        }

        if (view.Window is CountWindows)
        {
            (var countsBefore, var countsAfter) = await new FollowingCounts(store, stored, view)
                .ReadAsync(current.Generation, generation, added, cancellationToken).ConfigureAwait(false);
            return Compare(view, countsBefore, speed, countsAfter, _ => true);
        }

        (var before, var after) = await new ConnectedSessions(stored, view).ReadAsync(current.Generation, generation, added, cancellationToken).ConfigureAwait(false);
        return CompareSessions(view, before, speed, after);
    }

    /// <summary>Goes through time piece by piece, and composes only sessions that may have changed.</summary>
    private async Task<List<Correction>> FindSessionsAsync(
        ViewDefinition view,
        GenerationInfo? current,
        GenerationContents? served,
        Boundary from,
        GenerationDraft draft,
        Boundary boundary,
        IReadOnlyDictionary<DateOnly, long> eventsByDate,
        CancellationToken cancellationToken)
    {
        IAsyncEnumerable<SessionPiece> pieces = new StoredSessions(new StoredWindows(store, view), view).ReadAsync(
            (from, boundary),
            [current?.Generation, draft.Number],
            TimeChunks.Of(eventsByDate, options.ComparedEvents, TimeWindow.All),
            starts => HasSame(draft, served, view, starts),
            cancellationToken);
        List<Correction> corrections = [];
        await foreach (SessionPiece piece in pieces.ConfigureAwait(false))
        {
            corrections.AddRange(CompareSessions(view, piece.Generations[0], piece.Speed, piece.Generations[1]));
        }

        return corrections;
    }

    /// <summary>Composes only sessions that are not the same before and after.</summary>
    private static List<Correction> CompareSessions(
        ViewDefinition view,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after)
    {
        SessionComparison comparison = new(view);
        comparison.Add(ComparedSide.One, speed);
        foreach ((PartialKind kind, PartialBatch partials) in before)
        {
            comparison.Add(SideOf(kind, ComparedSide.One), partials);
        }

        foreach ((PartialKind kind, PartialBatch partials) in after)
        {
            comparison.Add(SideOf(kind, ComparedSide.Other), partials);
        }

        PartialIntervals changed = comparison.FindDifferent();
        return changed.IsEmpty ? [] : Compare(view, Among(before), changed.Among(speed), Among(after), _ => true);

        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Among(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation) =>
            [.. generation.Select(part => (part.Kind, changed.Among(part.Partials)))];

        static ComparedSide SideOf(PartialKind kind, ComparedSide side) => kind == PartialKind.Kept ? side : ComparedSide.Neither;
    }

    /// <summary>Of the windows that begin in an interval composes only those of which a slice has changed.</summary>
    private async Task<IReadOnlyList<Correction>> FindAmongAsync(
        ViewDefinition view,
        ISlicing slicing,
        TimeWindow starts,
        GenerationInfo? current,
        GenerationContents? held,
        Boundary from,
        GenerationDraft draft,
        Boundary boundary,
        CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        TimeWindow reached = slicing.SlicesOf(starts);
        WindowRange range = new(reached.Start, reached.End);
        PartialBatch speed = await stored.ReadSpeedAsync(from, boundary, range, cancellationToken).ConfigureAwait(false);
        if (speed.Count == 0 && HasSame(draft, held, view, reached))
        {
            return [];
        }

        return CompareSlices(
            view,
            new SliceWindows(view, slicing, starts),
            await stored.ReadGenerationAsync(current?.Generation, range, cancellationToken).ConfigureAwait(false),
            speed,
            await stored.ReadGenerationAsync(draft.Number, range, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Composes only windows of which a slice is not the same before and after.</summary>
    private static List<Correction> CompareSlices(
        ViewDefinition view,
        SliceWindows changed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after)
    {
        SliceComparison served = new(view, changed);
        SliceComparison read = new(view.CountingOnly(), changed);
        foreach ((PartialKind kind, PartialBatch partials) in before)
        {
            read.AddToOne(partials, PartialSelection.AcceptedAndLate);
            if (kind == PartialKind.Kept)
            {
                served.AddToOne(partials, PartialSelection.Accepted);
            }
        }

        served.AddToOne(speed, PartialSelection.Accepted);
        read.AddToOne(speed, PartialSelection.AcceptedAndLate);
        foreach ((PartialKind kind, PartialBatch partials) in after)
        {
            read.AddToOther(partials, PartialSelection.AcceptedAndLate);
            if (kind == PartialKind.Kept)
            {
                served.AddToOther(partials, PartialSelection.Accepted);
            }
        }

        served.FindDifferent();
        read.FindDifferent();
        if (changed.Count == 0)
        {
            return [];
        }

        return Compare(view, Among(before), changed.Among(speed), Among(after), changed.Contains);

        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Among(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation) =>
            [.. generation.Select(part => (part.Kind, changed.Among(part.Partials)))];
    }

    private static bool HasSame(GenerationDraft draft, GenerationContents? served, ViewDefinition view, TimeWindow starts) =>
        served is not null && draft.Contents is { } contents && contents.HasSame(served, view.Layout.Version, starts);

    private static List<Correction> Compare(
        ViewDefinition view,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after,
        Func<WindowAddress, bool> isWanted)
    {
        WindowLedger wasServed = Ledger(before);
        wasServed.AddSpeed(speed);
        return Compare(view, wasServed.Compose(TimeWindow.All), Ledger(after).Compose(TimeWindow.All), isWanted);

        WindowLedger Ledger(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation)
        {
            WindowLedger ledger = new(view, view.CountingOnly());
            foreach ((PartialKind kind, PartialBatch partials) in generation)
            {
                ledger.AddBatch(kind, partials);
            }

            return ledger;
        }
    }

    private static List<Correction> Compare(ViewDefinition view, WindowAccounts before, WindowAccounts after, Func<WindowAddress, bool> isWanted)
    {
        List<Correction> corrections = [];
        foreach (WindowRow window in before.All.Concat(after.All).Where(row => isWanted(row.Address)).DistinctBy(row => row.Address).OrderBy(row => row.Address))
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
