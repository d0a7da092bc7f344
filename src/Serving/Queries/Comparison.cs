using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Serving.Queries;

/// <summary>
/// The law of conservation, window by window: what the speed layer accepted and what it refused as late are together the same events, with the
/// same aggregates, as what the batch layer kept and what it removed.
/// </summary>
internal sealed class Comparison
{
    private readonly ViewDefinition _view;
    private readonly ViewDefinition _counting;
    private readonly WindowRange _range;
    private readonly long _comparableFrom;
    private readonly string[] _keyNames;
    private readonly string[] _valueNames;
    private readonly IReadOnlyList<object?> _nothing;

    public Comparison(ViewDefinition view, WindowRange range, long comparableFrom)
    {
        _view = view;
        _counting = view.CountingOnly();
        _range = range;
        _comparableFrom = comparableFrom;
        _keyNames = [.. view.Keys.Select(key => key.Name)];
        _valueNames = [.. view.Aggregates.Select(aggregate => aggregate.Name)];
        _nothing = Difference.Nothing(view);
    }

    private delegate WindowRow? Side((GroupKey, long) address);

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
        PartialBatch? Of(PartialKind kind) => snapshot.Batch.GetValueOrDefault(kind);
        IReadOnlyList<WindowRow> batchSide = Compose(
            _view, PartialSelection.Accepted, Of(PartialKind.Kept), Of(PartialKind.Duplicate), Of(PartialKind.Quarantined));
        IReadOnlyList<WindowRow> speedSide = Compose(_view, PartialSelection.AcceptedAndLate, snapshot.Speed);
        Side batchAll = ByAddress(batchSide);
        Side speedAll = ByAddress(speedSide);
        Side kept = ByAddress(Compose(_view, PartialSelection.Accepted, Of(PartialKind.Kept)));
        Side accepted = ByAddress(Compose(_view, PartialSelection.Accepted, snapshot.Speed));
        Side late = ByAddress(Compose(_counting, PartialSelection.Late, snapshot.Speed));
        Side duplicates = ByAddress(Compose(_counting, PartialSelection.Accepted, Of(PartialKind.Duplicate)));
        Side quarantined = ByAddress(Compose(_counting, PartialSelection.Accepted, Of(PartialKind.Quarantined)));

        return
        [
            .. batchSide.Concat(speedSide)
                .DistinctBy(row => row.Address)
                .Where(row => row.Start >= _comparableFrom)
                .OrderBy(row => row.Start).ThenBy(row => row.Key)
                .Select(row => new ComparedWindow(
                    KeyText.Named(_view.Keys, _keyNames, row.Key),
                    Instants.ToDateTimeOffset(row.Start),
                    Instants.ToDateTimeOffset(row.End),
                    Result(kept(row.Address)),
                    Result(accepted(row.Address)),
                    Subtract(kept(row.Address), accepted(row.Address)),
                    new DifferenceReasons(
                        late(row.Address)?.EventCount ?? 0,
                        duplicates(row.Address)?.EventCount ?? 0,
                        quarantined(row.Address)?.EventCount ?? 0),
                    Unexplained(speedAll(row.Address), batchAll(row.Address)))),
        ];
    }

    private static bool SameResults(IReadOnlyList<object?>? a, IReadOnlyList<object?>? b) =>
        a is null || b is null ? a == b : a.SequenceEqual(b);

    private static Side ByAddress(IReadOnlyList<WindowRow> rows)
    {
        Dictionary<(GroupKey, long), WindowRow> index = rows.ToDictionary(row => row.Address);
        return address => index.GetValueOrDefault(address);
    }

    private IReadOnlyList<WindowRow> Compose(ViewDefinition view, PartialSelection selection, params IEnumerable<PartialBatch?> partials)
    {
        WindowComposer composer = new(view);
        foreach (PartialBatch batch in partials.OfType<PartialBatch>())
        {
            composer.Add(batch);
        }

        return composer.Compose(selection, _range.From, _range.To);
    }

    private LayerResult? Result(WindowRow? row) => row is null ? null : new LayerResult(row.EventCount, new NamedValues(_valueNames, row.Results));

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
