using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Processing;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Batch.Audit;

/// <summary>
/// Over the offsets below the boundary, what the speed layer accepted and refused as late is what the batch layer kept and removed: for every view,
/// key and window the same number of events and, as partials merge, the same results. Where a generation was carried over and merged with new events, the law
/// holds for all if it holds for those and held before.
/// </summary>
internal sealed class ConservationCheck(IViewStore store) : IAuditCheck
{
    private const int Samples = 5;

    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        List<CheckResult> results = [];
        foreach (ViewDefinition view in subject.Stream.Definition.Views)
        {
            results.Add(await CheckAsync(subject, view, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    private async Task<CheckResult> CheckAsync(AuditSubject subject, ViewDefinition view, CancellationToken cancellationToken)
    {
        string name = $"conservation of {view.Name}";
        Boundary start = subject.Compared.From;
        if (subject.Speed.FindGap(view, start, subject.Boundary) is { } gap)
        {
            return new CheckResult(name, CheckSeverity.Block, CheckVerdict.NotApplicable, null, $"The layers cannot be compared: {gap}.", []);
        }

        // What was superseded before may have expired in part; new events have not.
        long from = subject.Compared.Computation is null ? subject.Speed.ComparableFromByView[view.Name] : long.MinValue;
        StoredWindows stored = new(store, view);
        var speed = await stored.ComposeSpeedAsync(start, subject.Boundary, from, cancellationToken).ConfigureAwait(false);
        var batch = subject.Compared.Computation is { } computed
            ? StoredWindows.Compose(view, computed.Partials.AllOf(view))
            : await stored.ComposeGenerationAsync(subject.Generation, from, cancellationToken).ConfigureAwait(false);

        int windows = 0;
        int unequal = 0;
        List<Difference> differences = [];
        foreach (WindowAddress address in speed.Keys.Union(batch.Keys))
        {
            windows++;
            WindowRow? fromSpeed = speed.GetValueOrDefault(address);
            WindowRow? fromBatch = batch.GetValueOrDefault(address);
            if (fromSpeed?.EventCount != fromBatch?.EventCount || !ResultComparison.AreSame(fromSpeed, fromBatch))
            {
                unequal++;
                if (differences.Count < Samples)
                {
                    differences.Add(new Difference(address, fromSpeed, fromBatch));
                }
            }
        }

        if (unequal == 0)
        {
            return new CheckResult(
                name, CheckSeverity.Block, CheckVerdict.Passed, 0, $"Both layers have the same events and results in all {windows} windows{(subject.Compared.Computation is null ? "" : $" of events from {start} on")}."
                    + (subject.Carried is null && subject.Archive.Deletion is not null
                        ? $" What lies below {start} cannot be compared, as events were deleted from the history."
                        : subject.BeforeText),
                []);
        }

        string? excuse = GapExcuse.Of(subject, start);
        return new CheckResult(
            name, excuse is null ? CheckSeverity.Block : CheckSeverity.Warn, CheckVerdict.Failed, unequal,
            Describe(view, differences[0], unequal) + (excuse ?? " One of the layers has lost or doubled events, or an aggregate breaks its laws."),
            [.. differences.Select(difference => Sample(view, difference))]);
    }

    private static string Describe(ViewDefinition view, Difference first, int unequal) =>
        $"View '{view.Name}', key {ResultJson.Key(view, first.Address.Key)}, window {Interval(first)}: the speed layer has "
        + $"{Side(view, first.Speed)}, the batch layer {Side(view, first.Batch)}, and nothing explains the difference. In all {unequal} windows differ.";

    private static string Side(ViewDefinition view, WindowRow? row) =>
        row is null ? "no event" : $"{row.EventCount} events, {ResultJson.Results(view, row)}";

    private static string Interval(Difference difference)
    {
        WindowRow row = (difference.Speed ?? difference.Batch)!;
        return $"[{Instant(row.Start)}, {Instant(row.End)})";
    }

    private static string Sample(ViewDefinition view, Difference difference)
    {
        WindowRow row = (difference.Speed ?? difference.Batch)!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"view":"{{view.Name}}","key":{{ResultJson.Key(view, row.Key)}},"windowStart":"{{Instant(row.Start)}}","windowEnd":"{{Instant(row.End)}}","speed":{{Json(view, difference.Speed)}},"batch":{{Json(view, difference.Batch)}}}
            """);
    }

    private static string Json(ViewDefinition view, WindowRow? row) => row is null
        ? "null"
        : string.Create(CultureInfo.InvariantCulture, $$"""{"events":{{row.EventCount}},"results":{{ResultJson.Results(view, row)}}}""");

    private static string Instant(long microseconds) =>
        UtcMicroseconds.ToDateTime(Math.Clamp(microseconds, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private sealed record Difference(WindowAddress Address, WindowRow? Speed, WindowRow? Batch);
}
