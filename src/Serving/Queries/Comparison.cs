using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;

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

    private TimeWindow Wanted => new(_range.From, _range.To);

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

    /// <summary>Compares all windows of a snapshot that can be compared.</summary>
    /// <returns>What they come to, and those that are to be listed, by start and key.</returns>
    public (ComparisonTotals Totals, IReadOnlyList<ComparedWindow> Listed) Compare(ViewSnapshot snapshot, ComparedWindows list)
    {
        if (list == ComparedWindows.All || _view.Window is not SlicedWindows { Slicing: { } slicing })
        {
            IReadOnlyList<ComparedWindow> all = Compose(snapshot, _ => true);
            return (Sum(all), list == ComparedWindows.All ? all : [.. all.Where(Differs)]);
        }

        AgreedWindows agreed = new(_view, slicing, snapshot, Wanted);
        IReadOnlyList<ComparedWindow> others = Compose(agreed.Others(snapshot), agreed.IsOther);
        ComparisonTotals totals = Sum(others);
        return (
            totals with
            {
                Windows = totals.Windows + agreed.Count,
                BatchEvents = totals.BatchEvents + agreed.Events,
                SpeedEvents = totals.SpeedEvents + agreed.Events,
            },
            [.. others.Where(Differs)]);
    }

    private IReadOnlyList<ComparedWindow> Compose(ViewSnapshot snapshot, Func<WindowAddress, bool> isWanted)
    {
        WindowLedger batchLedger = new(_view, _view);
        foreach (PartialKind kind in AsReadPartials.Order.Where(snapshot.Batch.ContainsKey))
        {
            batchLedger.AddBatch(kind, snapshot.Batch[kind]);
        }

        WindowLedger speedLedger = new(_view, _view);
        speedLedger.AddSpeed(snapshot.Speed);
        WindowAccounts batch = batchLedger.Compose(Wanted);
        WindowAccounts speed = speedLedger.Compose(Wanted);
        return
        [
            .. batch.All.Concat(speed.All)
                .DistinctBy(row => row.Address)
                .Where(row => row.Start >= _comparableFrom && isWanted(row.Address))
                .OrderBy(row => row.Address)
                .Select(row => Compare(row, batch, speed)),
        ];
    }

    private ComparedWindow Compare(WindowRow window, WindowAccounts batch, WindowAccounts speed)
    {
        WindowAddress address = window.Address;
        WindowRow? fromBatch = batch.Served(address);
        WindowRow? fromSpeed = speed.Served(address);
        return new ComparedWindow(
            KeyText.Named(_view.Keys, _keyNames, window.Key),
            Instants.ToDateTimeOffset(window.Start),
            Instants.ToDateTimeOffset(window.End),
            address.First,
            Result(fromBatch),
            Result(fromSpeed),
            Subtract(fromBatch, fromSpeed),
            Reasons(speed.Late(address), batch.Removed(address)),
            address.First is null ? null : Reasons(0, batch.RemovedAround(address)),
            Unexplained(speed.Read(address), batch.Read(address)));
    }

    private static DifferenceReasons Reasons(long late, RemovedEvents removed) => new(late, removed.Duplicates, removed.Quarantined);

    private static bool SameResults(IReadOnlyList<object?>? a, IReadOnlyList<object?>? b) =>
        a is null || b is null ? a == b : a.Zip(b).All(pair => ResultValue.AreSame(pair.First, pair.Second));

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
        string[] aggregates = [.. _valueNames.Where((_, i) => !ResultValue.AreSame(left[i], right[i]))];
        return events == 0 && aggregates.Length == 0 ? null : new UnexplainedDifference(events, aggregates);
    }
}
