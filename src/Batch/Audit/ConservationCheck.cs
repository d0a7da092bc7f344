using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Sessions;
using Lambda.Processing;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Audit;

/// <summary>
/// Over the offsets below the boundary, what the speed layer accepted and refused as late is what the batch layer kept and removed: for every view,
/// key and window the same number of events and, as partials merge, the same results. Where a generation was carried over and merged with new events, the law
/// holds for all if it holds for those and held before.
/// </summary>
internal sealed class ConservationCheck(IViewStore store, BatchOptions options) : IAuditCheck
{
    private const int Samples = 5;

    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        // Partials are for one thread at a time, and what is compared is that of a generation which is written.
        await subject.Changes.ConfigureAwait(false);
        List<CheckResult> results = [];
        RefusalExcuse refusals = new(store, subject, subject.Compared.From);
        foreach (ViewDefinition view in subject.Stream.Definition.Views)
        {
            results.Add(await CheckAsync(subject, view, refusals, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    private async Task<CheckResult> CheckAsync(AuditSubject subject, ViewDefinition view, RefusalExcuse refusals, CancellationToken cancellationToken)
    {
        string name = $"conservation of {view.Name}";
        Boundary start = subject.Compared.From;
        if (subject.Speed.FindGap(view, start, subject.Boundary) is { } gap)
        {
            return new CheckResult(name, CheckSeverity.Block, CheckVerdict.NotApplicable, null, $"The layers cannot be compared: {gap}.", []);
        }

        // What was superseded before may have expired in part; new events have not.
        long from = subject.Compared.Computation is null ? subject.Speed.ByView[view.Name].ComparableFrom : long.MinValue;
        Comparison compared = await CompareAsync(subject, view, from, cancellationToken).ConfigureAwait(false);
        if (compared.Different == 0)
        {
            return new CheckResult(
                name, CheckSeverity.Block, CheckVerdict.Passed, 0, $"Both layers have the same events and results in all {compared.Compared}{(subject.Compared.Computation is null ? "" : $" of events from {start} on")}."
                    + (subject.Carried is null && subject.Archive.Deletion is not null
                        ? $" What lies below {start} is not compared: events were deleted from it, or it was audited with a generation since."
                        : subject.BeforeText),
                []);
        }

        string? excuse = GapExcuse.Of(subject, start) ?? await refusals.FindAsync(cancellationToken).ConfigureAwait(false);
        return new CheckResult(
            name, excuse is null ? CheckSeverity.Block : CheckSeverity.Warn, CheckVerdict.Failed, compared.Different,
            Describe(view, compared.First[0], compared.Different) + (excuse ?? " One of the layers has lost or doubled events, or an aggregate breaks its laws."),
            [.. compared.First.Select(difference => Sample(view, difference))]);
    }

    /// <summary>Compares the windows that begin at an instant or later.</summary>
    private async Task<Comparison> CompareAsync(AuditSubject subject, ViewDefinition view, long from, CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        Boundary start = subject.Compared.From;
        if (subject.Compared.Computation is { } computed)
        {
            if (view.Window is SlicedWindows { Slicing: { } slicing })
            {
                PartialBatch speed = await stored.ReadSpeedAsync(start, subject.Boundary, WindowRange.All, cancellationToken).ConfigureAwait(false);
                Comparison all = CompareSlices(view, new SliceWindows(view, slicing, TimeWindow.All), speed, [computed.Partials.AllOf(view)]);
                return all with { Compared = $"{all.Count} slices" };
            }

            var read = await stored.ComposeSpeedAsync(start, subject.Boundary, from, cancellationToken).ConfigureAwait(false);
            return Compare(read, StoredWindows.Compose(view, computed.Partials.AllOf(view)));
        }

        if (view.Window is SlicedWindows windows)
        {
            IReadOnlyList<Comparison> parts = await TimeChunks.SelectAsync(
                TimeChunks.Of(
                    subject.Computation.RowsByDate, options.ComparedEvents, new TimeWindow(from, long.MaxValue), windows.Slicing),
                options.Workers,
                async (starts, token) => (IReadOnlyList<Comparison>)
                    [await CompareSlicesAsync(subject, view, windows.Slicing, starts, token).ConfigureAwait(false)],
                cancellationToken).ConfigureAwait(false);
            Comparison whole = parts.Aggregate(Comparison.None, (before, part) => before.And(part));
            return whole with { Compared = $"{whole.Count} slices" };
        }

        if (view.Window is SessionWindows)
        {
            return await CompareSessionsAsync(subject, view, from, cancellationToken).ConfigureAwait(false);
        }

        return await CompareOrdersAsync(subject, view, from, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes through some keys at a time, and composes only windows of those of which the layers have not the same.</summary>
    private async Task<Comparison> CompareOrdersAsync(AuditSubject subject, ViewDefinition view, long from, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<StoredPart> parts = new StoredOrders(new StoredWindows(store, view), view, options)
            .ReadAsync((subject.Compared.From, subject.Boundary), [subject.Generation], subject.Computation.Rows, cancellationToken);
        Comparison whole = Comparison.None;
        await foreach (StoredPart part in parts.ConfigureAwait(false))
        {
            CountComparison comparison = new(view);
            comparison.Add(ComparedSide.One, part.Speed);
            part.Generations[0].AddTo(comparison.Add, ComparedSide.Other);

            PartialKeys different = comparison.FindDifferent();
            whole = whole with { Count = whole.Count + comparison.CountSame(from) };
            if (different.Count > 0)
            {
                whole = whole.And(Compare(
                    StoredWindows.Compose(view, different.Among(part.Speed), from),
                    StoredWindows.Compose(view, part.Generations[0].Among(different.Among), from)));
            }
        }

        return whole with { Compared = $"{whole.Count} windows" };
    }

    /// <summary>Goes through time piece by piece, and composes only sessions in which the layers are not the same.</summary>
    private async Task<Comparison> CompareSessionsAsync(AuditSubject subject, ViewDefinition view, long from, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<StoredPart> pieces = new StoredSessions(new StoredWindows(store, view), view).ReadAsync(
            (subject.Compared.From, subject.Boundary),
            [subject.Generation],
            TimeChunks.Of(subject.Computation.RowsByDate, options.ComparedEvents, new TimeWindow(from, long.MaxValue)),
            cancellationToken);
        Comparison whole = Comparison.None;
        await foreach (StoredPart piece in pieces.ConfigureAwait(false))
        {
            SessionComparison comparison = new(view);
            comparison.Add(ComparedSide.One, piece.Speed);
            piece.Generations[0].AddTo(comparison.Add, ComparedSide.Other);
            PartialBatch batch = new(view.Layout);
            foreach ((_, PartialBatch partials) in piece.Generations[0])
            {
                batch.With(partials);
            }

            PartialIntervals different = comparison.FindDifferent();
            long count = whole.Count + comparison.Count;
            if (!different.IsEmpty)
            {
                whole = whole.And(Compare(
                    StoredWindows.Compose(view, different.Among(piece.Speed), from), StoredWindows.Compose(view, different.Among(batch), from)));
            }

            whole = whole with { Count = count };
        }

        return whole with { Compared = $"{whole.Count} windows" };
    }

    /// <summary>Compares the windows that begin in an interval.</summary>
    private async Task<Comparison> CompareSlicesAsync(
        AuditSubject subject, ViewDefinition view, ISlicing slicing, TimeWindow starts, CancellationToken cancellationToken)
    {
        StoredWindows stored = new(store, view);
        TimeWindow reached = slicing.SlicesOf(starts);
        WindowRange range = new(reached.Start, reached.End);
        PartialBatch speed = await stored.ReadSpeedAsync(subject.Compared.From, subject.Boundary, range, cancellationToken).ConfigureAwait(false);
        var batch = await stored.ReadGenerationAsync(subject.Generation, range, cancellationToken).ConfigureAwait(false);
        return CompareSlices(view, new SliceWindows(view, slicing, starts), speed, [.. batch.Select(kind => kind.Partials)]);
    }

    /// <summary>Composes only those windows that a slice is part of in which the layers are not the same.</summary>
    /// <param name="view">The view.</param>
    /// <param name="different">Takes the windows that may differ.</param>
    /// <param name="speed">What the speed layer has, whatever became of it.</param>
    /// <param name="batch">What the batch layer has, whatever became of it.</param>
    private static Comparison CompareSlices(ViewDefinition view, SliceWindows different, PartialBatch speed, IReadOnlyList<PartialBatch> batch)
    {
        SliceComparison comparison = new(view, different);
        comparison.AddToOne(speed, PartialSelection.AcceptedAndLate);
        foreach (PartialBatch partials in batch)
        {
            comparison.AddToOther(partials, PartialSelection.AcceptedAndLate);
        }

        comparison.FindDifferent();
        if (different.Count == 0)
        {
            return Comparison.None with { Count = comparison.CountSlices() };
        }

        PartialBatch all = new(view.Layout);
        foreach (PartialBatch partials in batch)
        {
            all.With(different.Among(partials));
        }

        Comparison found = Compare(Among(StoredWindows.Compose(view, different.Among(speed))), Among(StoredWindows.Compose(view, all)));
        return found with { Count = comparison.CountSlices() };

        Dictionary<WindowAddress, WindowRow> Among(IReadOnlyDictionary<WindowAddress, WindowRow> composed) =>
            composed.Where(row => different.Contains(row.Key)).ToDictionary();
    }

    private static Comparison Compare(
        IReadOnlyDictionary<WindowAddress, WindowRow> speed, IReadOnlyDictionary<WindowAddress, WindowRow> batch)
    {
        int windows = 0;
        List<Difference> differences = [];
        foreach (WindowAddress address in speed.Keys.Union(batch.Keys))
        {
            windows++;
            WindowRow? fromSpeed = speed.GetValueOrDefault(address);
            WindowRow? fromBatch = batch.GetValueOrDefault(address);
            if (fromSpeed?.EventCount != fromBatch?.EventCount || !ResultComparison.AreSame(fromSpeed, fromBatch))
            {
                differences.Add(new Difference(address, fromSpeed, fromBatch));
            }
        }

        return new Comparison($"{windows} windows", windows, differences.Count, First(differences));
    }

    /// <summary>Those that are told of. What was looked at together, and in which order, is not to be seen in them.</summary>
    private static IReadOnlyList<Difference> First(IEnumerable<Difference> differences) => [.. differences.OrderBy(difference => difference.Address).Take(Samples)];

    private static string Describe(ViewDefinition view, Difference first, long unequal) =>
        $"View '{view.Name}', key {ResultJson.Key(view, first.Address.Key)}, window {Interval(first)}: the speed layer has "
        + $"{Side(view, first.Speed)}, the batch layer {Side(view, first.Batch)}, and nothing explains the difference. In all {unequal} windows differ.";

    private static string Side(ViewDefinition view, WindowRow? row) =>
        row is null ? "no event" : $"{row.EventCount} events, {ResultJson.Results(view, row)}";

    private static string Interval(Difference difference)
    {
        WindowRow row = (difference.Speed ?? difference.Batch)!;
        return $"[{InstantText.Of(row.Start)}, {InstantText.Of(row.End)})";
    }

    private static string Sample(ViewDefinition view, Difference difference)
    {
        WindowRow row = (difference.Speed ?? difference.Batch)!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"view":"{{view.Name}}","key":{{ResultJson.Key(view, row.Key)}},"windowStart":"{{InstantText.Of(row.Start)}}","windowEnd":"{{InstantText.Of(row.End)}}","speed":{{Json(view, difference.Speed)}},"batch":{{Json(view, difference.Batch)}}}
            """);
    }

    private static string Json(ViewDefinition view, WindowRow? row) => row is null
        ? "null"
        : string.Create(CultureInfo.InvariantCulture, $$"""{"events":{{row.EventCount}},"results":{{ResultJson.Results(view, row)}}}""");

    /// <summary>What came of a comparison.</summary>
    /// <param name="Compared">What was compared, in words.</param>
    /// <param name="Count">How many of them.</param>
    /// <param name="Different">How many windows the layers do not have the same: of a long history, of which one layer has all otherwise, more than fit in memory.</param>
    /// <param name="First">The first of these.</param>
    private sealed record Comparison(string Compared, long Count, long Different, IReadOnlyList<Difference> First)
    {
        /// <summary>Nothing was compared.</summary>
        public static readonly Comparison None = new("", 0, 0, []);

        /// <summary>Together with another one.</summary>
        public Comparison And(Comparison other) =>
            new("", Count + other.Count, Different + other.Different, ConservationCheck.First(First.Concat(other.First)));
    }

    private sealed record Difference(WindowAddress Address, WindowRow? Speed, WindowRow? Batch);
}
