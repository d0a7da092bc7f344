using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>Composes the windows of a view from the partials of both layers, as the serving layer and the audit do.</summary>
internal sealed class LayerWindows(ViewDefinition view, SpeedSide speed, Boundary end)
{
    private readonly Boundary _zero = Boundary.Zero(end.Partitions);

    /// <summary>The windows that the speed layer makes of all events.</summary>
    public IReadOnlyList<WindowRow> Speed(PartialSelection selection) => Results(selection, speed.Read(view, _zero, end));

    /// <summary>The windows of a generation.</summary>
    public IReadOnlyList<WindowRow> Batch(Generation? generation) => Results(PartialSelection.Accepted, Of(generation, PartialKind.Kept));

    /// <summary>The windows of a generation and of the epochs behind its boundary.</summary>
    public IReadOnlyList<WindowRow> Merged(Generation? generation) => Results(
        PartialSelection.Accepted, [.. Of(generation, PartialKind.Kept), .. speed.Read(view, generation?.Boundary ?? _zero, end)]);

    /// <summary>The windows whose results change when one generation takes the place of another.</summary>
    public IReadOnlyList<(WindowRow? Before, WindowRow? After)> Changes(Generation? before, Generation after)
    {
        IReadOnlyList<PartialBatch> between = speed.Read(view, before?.Boundary ?? _zero, after.Boundary);
        ComposedRows old = Compose(between, Of(before, PartialKind.Kept), Of(before, PartialKind.Duplicate), Of(before, PartialKind.Quarantined));
        ComposedRows now = Compose([], Of(after, PartialKind.Kept), Of(after, PartialKind.Duplicate), Of(after, PartialKind.Quarantined));
        return
        [
            .. old.Rows.Keys.Union(now.Rows.Keys).Order()
                .Select(address => (Before: old.Served(address), After: now.Served(address)))
                .Where(pair => !ResultComparison.AreSame(pair.Before, pair.After)),
        ];
    }

    /// <summary>Both layers over the events below a generation's boundary.</summary>
    public IReadOnlyList<ComparedRow> Compare(Generation generation)
    {
        IReadOnlyList<PartialBatch> below = speed.Read(view, _zero, generation.Boundary);
        ComposedRows fromSpeed = Compose(below, [], [], []);
        ComposedRows fromBatch = Compose(
            [], Of(generation, PartialKind.Kept), Of(generation, PartialKind.Duplicate), Of(generation, PartialKind.Quarantined));
        Dictionary<WindowAddress, WindowRow> readBySpeed = ByAddress(Results(PartialSelection.AcceptedAndLate, below));
        Dictionary<WindowAddress, WindowRow> readByBatch = ByAddress(Results(
            PartialSelection.Accepted, [.. Enum.GetValues<PartialKind>().Select(kind => generation.Read(view, kind))]));
        return
        [
            .. fromBatch.Rows.Values.Concat(fromSpeed.Rows.Values).DistinctBy(row => row.Address).OrderBy(row => row.Address).Select(row => new ComparedRow(
                row,
                fromBatch.Served(row.Address),
                fromSpeed.Served(row.Address),
                fromSpeed.Late(row.Address),
                fromBatch.Duplicates(row.Address),
                fromBatch.Quarantined(row.Address),
                readByBatch.GetValueOrDefault(row.Address),
                readBySpeed.GetValueOrDefault(row.Address))),
        ];
    }

    private IReadOnlyList<PartialBatch> Of(Generation? generation, PartialKind kind) => generation is null ? [] : [generation.Read(view, kind)];

    private IReadOnlyList<WindowRow> Results(PartialSelection selection, IReadOnlyList<PartialBatch> partials)
    {
        WindowComposer composer = new(view);
        Add(composer, selection, SourceRole.Result, partials);
        return composer.Compose(TimeWindow.All);
    }

    /// <summary>Windows that are the same ones wherever the same events have been read, whatever has become of these.</summary>
    private ComposedRows Compose(
        IReadOnlyList<PartialBatch> ofSpeed, IReadOnlyList<PartialBatch> kept, IReadOnlyList<PartialBatch> duplicates, IReadOnlyList<PartialBatch> quarantined)
    {
        WindowComposer composer = new(view);
        Add(composer, PartialSelection.Accepted, SourceRole.Result, kept);
        Add(composer, PartialSelection.Accepted, SourceRole.Result, ofSpeed);
        PartialSource late = Add(composer, PartialSelection.Late, SourceRole.JoiningTally, ofSpeed);
        PartialSource repeated = Add(composer, PartialSelection.Accepted, SourceRole.JoiningTally, duplicates);
        PartialSource refused = Add(composer, PartialSelection.Accepted, SourceRole.JoiningTally, quarantined);
        return new ComposedRows(ByAddress(composer.Compose(TimeWindow.All)), late, repeated, refused);
    }

    private static PartialSource Add(WindowComposer composer, PartialSelection selection, SourceRole role, IReadOnlyList<PartialBatch> partials)
    {
        PartialSource source = composer.AddSource(selection, role);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(source, batch);
        }

        return source;
    }

    private static Dictionary<WindowAddress, WindowRow> ByAddress(IReadOnlyList<WindowRow> rows) => rows.ToDictionary(row => row.Address);

    /// <summary>Windows with what was left out of them.</summary>
    private sealed record ComposedRows(
        Dictionary<WindowAddress, WindowRow> Rows, PartialSource LateEvents, PartialSource Repetitions, PartialSource RefusedEvents)
    {
        /// <summary>The window as it is served; null when no event of it counts.</summary>
        public WindowRow? Served(WindowAddress address) => Rows.GetValueOrDefault(address) is { EventCount: > 0 } row ? row : null;

        public long Late(WindowAddress address) => Count(address, LateEvents);

        public long Duplicates(WindowAddress address) => Count(address, Repetitions);

        public long Quarantined(WindowAddress address) => Count(address, RefusedEvents);

        private long Count(WindowAddress address, PartialSource source) => Rows.GetValueOrDefault(address)?.EventsOf(source) ?? 0;
    }
}
