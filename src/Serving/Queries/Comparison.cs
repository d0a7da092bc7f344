using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;
using Side = System.Collections.Generic.Dictionary<Lambda.Views.WindowAddress, Lambda.Views.WindowRow>;

namespace Lambda.Serving.Queries;

/// <summary>
/// The law of conservation, window by window: what the speed layer accepted and what it refused as late are together the same events, with the
/// same aggregates, as what the batch layer kept and what it removed.
/// </summary>
internal sealed class Comparison
{
    private readonly ViewDefinition _view;
    private readonly WindowRange _range;
    private readonly long _comparableFrom;
    private readonly string[] _keyNames;
    private readonly string[] _valueNames;
    private readonly IReadOnlyList<object?> _nothing;

    public Comparison(ViewDefinition view, WindowRange range, long comparableFrom)
    {
        _view = view;
        _range = range;
        _comparableFrom = comparableFrom;
        _keyNames = [.. view.Keys.Select(key => key.Name)];
        _valueNames = [.. view.Aggregates.Select(aggregate => aggregate.Name)];
        _nothing = Difference.Nothing(view);
    }

    /// <summary>Whether a window's layers differ, or have reasons to that cancel each other out.</summary>
    public static bool Differs(ComparedWindow window) => window.Reasons != default
        || window.Unexplained is not null
        || !SameResults(window.Batch?.Values.Values, window.Speed?.Values.Values);

    /// <summary>Adds windows up.</summary>
    public static ComparisonTotals Sum(IReadOnlyList<ComparedWindow> windows) => new(
        windows.Count,
        windows.Count(Differs),
        windows.Sum(window => window.Batch?.Events ?? 0),
        windows.Sum(window => window.Speed?.Events ?? 0),
        new DifferenceReasons(
            windows.Sum(window => window.Reasons.Late),
            windows.Sum(window => window.Reasons.Duplicates),
            windows.Sum(window => window.Reasons.Quarantined)),
        windows.Count(window => window.Unexplained is not null));

    /// <summary>Compares all windows of a snapshot that can be compared, by start and key.</summary>
    public IReadOnlyList<ComparedWindow> Compare(ViewSnapshot snapshot)
    {
        PartialBatch Of(PartialKind kind) => snapshot.Batch.GetValueOrDefault(kind) ?? new PartialBatch(_view.Layout);

        WindowComposer batch = new(_view);
        PartialSource kept = batch.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource duplicates = batch.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        PartialSource quarantined = batch.AddSource(PartialSelection.Accepted, SourceRole.JoiningTally);
        batch.Add(kept, Of(PartialKind.Kept));
        batch.Add(duplicates, Of(PartialKind.Duplicate));
        batch.Add(quarantined, Of(PartialKind.Quarantined));

        WindowComposer speed = new(_view);
        PartialSource accepted = speed.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource late = speed.AddSource(PartialSelection.Late, SourceRole.JoiningTally);
        speed.Add(accepted, snapshot.Speed);
        speed.Add(late, snapshot.Speed);

        Side batchSide = ByAddress(Compose(batch));
        Side speedSide = ByAddress(Compose(speed));
        Side batchAll = ByAddress(ComposeAll(PartialSelection.Accepted, [.. snapshot.Batch.Values]));
        Side speedAll = ByAddress(ComposeAll(PartialSelection.AcceptedAndLate, snapshot.Speed));
        return
        [
            .. batchSide.Values.Concat(speedSide.Values)
                .DistinctBy(row => row.Address)
                .Where(row => row.Start >= _comparableFrom)
                .OrderBy(row => row.Address)
                .Select(row =>
                {
                    WindowRow? fromBatch = batchSide.GetValueOrDefault(row.Address);
                    WindowRow? fromSpeed = speedSide.GetValueOrDefault(row.Address);
                    return new ComparedWindow(
                        KeyText.Named(_view.Keys, _keyNames, row.Key),
                        Instants.ToDateTimeOffset(row.Start),
                        Instants.ToDateTimeOffset(row.End),
                        Result(fromBatch),
                        Result(fromSpeed),
                        Subtract(fromBatch, fromSpeed),
                        new DifferenceReasons(
                            fromSpeed?.EventsOf(late) ?? 0,
                            fromBatch?.EventsOf(duplicates) ?? 0,
                            fromBatch?.EventsOf(quarantined) ?? 0),
                        Unexplained(speedAll.GetValueOrDefault(row.Address), batchAll.GetValueOrDefault(row.Address)));
                }),
        ];
    }

    private static bool SameResults(IReadOnlyList<object?>? a, IReadOnlyList<object?>? b) =>
        a is null || b is null ? a == b : a.SequenceEqual(b);

    private static Side ByAddress(IReadOnlyList<WindowRow> rows) => rows.ToDictionary(row => row.Address);

    private IReadOnlyList<WindowRow> ComposeAll(PartialSelection selection, params IReadOnlyList<PartialBatch> partials)
    {
        WindowComposer composer = new(_view);
        PartialSource all = composer.AddSource(selection, SourceRole.Result);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(all, batch);
        }

        return Compose(composer);
    }

    private IReadOnlyList<WindowRow> Compose(WindowComposer composer) => composer.Compose(new TimeWindow(_range.From, _range.To));

    private LayerResult? Result(WindowRow? row) =>
        row is null or { EventCount: 0 } ? null : new LayerResult(row.EventCount, new NamedValues(_valueNames, row.Results));

    private NamedValues Subtract(WindowRow? batch, WindowRow? speed) => new(
        _valueNames,
        [.. (batch?.Results ?? _nothing).Zip(speed?.Results ?? _nothing, Difference.Of)]);

    private UnexplainedDifference? Unexplained(WindowRow? speed, WindowRow? batch)
    {
        long events = (speed?.EventCount ?? 0) - (batch?.EventCount ?? 0);
        IReadOnlyList<object?> left = speed?.Results ?? _nothing;
        IReadOnlyList<object?> right = batch?.Results ?? _nothing;
        string[] aggregates = [.. _valueNames.Where((_, i) => !Equals(left[i], right[i]))];
        return events == 0 && aggregates.Length == 0 ? null : new UnexplainedDifference(events, aggregates);
    }
}
