using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>Composes the windows of a view from the partials of both layers, as the serving layer does.</summary>
internal sealed class LayerWindows(ViewDefinition view, SpeedSide speed, Boundary end)
{
    private readonly Boundary _zero = Boundary.Zero(end.Partitions);

    /// <summary>The windows that the speed layer makes of all events.</summary>
    public IReadOnlyList<WindowRow> Speed(PartialSelection selection) => Compose(selection, speed.Read(view, _zero, end));

    /// <summary>The windows of a generation.</summary>
    public IReadOnlyList<WindowRow> Batch(Generation? generation) => Compose(PartialSelection.Accepted, Kept(generation));

    /// <summary>The windows of a generation and of the epochs between its boundary and another.</summary>
    public IReadOnlyList<WindowRow> Merged(Generation? generation, Boundary to) => Compose(
        PartialSelection.Accepted, [.. Kept(generation), .. speed.Read(view, generation?.Boundary ?? _zero, to)]);

    /// <summary>The windows whose results change when one generation takes the place of another.</summary>
    public IReadOnlyList<(WindowRow? Before, WindowRow? After)> Changes(Generation? before, Generation after)
    {
        Dictionary<WindowAddress, WindowRow> old = ByAddress(Merged(before, after.Boundary));
        Dictionary<WindowAddress, WindowRow> now = ByAddress(Batch(after));
        return
        [
            .. old.Keys.Union(now.Keys).Order()
                .Select(address => (Before: old.GetValueOrDefault(address), After: now.GetValueOrDefault(address)))
                .Where(pair => !ResultComparison.AreSame(pair.Before, pair.After)),
        ];
    }

    /// <summary>Both layers over the events below a generation's boundary.</summary>
    public IReadOnlyList<ComparedRow> Compare(Generation generation)
    {
        PartialBatch[] speedPartials = [.. speed.Read(view, _zero, generation.Boundary)];
        WindowComposer batch = new(view);
        PartialSource duplicates = AddBatch(batch, generation);
        PartialSource quarantined = batch.AddSource(PartialSelection.Accepted, SourceRole.Tally);
        batch.Add(quarantined, generation.Read(view, PartialKind.Quarantined));

        WindowComposer accepted = new(view);
        PartialSource inTime = accepted.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource late = accepted.AddSource(PartialSelection.Late, SourceRole.Tally);
        foreach (PartialBatch partials in speedPartials)
        {
            accepted.Add(inTime, partials);
            accepted.Add(late, partials);
        }

        Dictionary<WindowAddress, WindowRow> batchSide = ByAddress(batch.Compose(TimeWindow.All));
        Dictionary<WindowAddress, WindowRow> speedSide = ByAddress(accepted.Compose(TimeWindow.All));
        Dictionary<WindowAddress, WindowRow> batchAll = ByAddress(Compose(
            PartialSelection.Accepted, [.. PartialsByKind.Kinds.Select(kind => generation.Read(view, kind))]));
        Dictionary<WindowAddress, WindowRow> speedAll = ByAddress(Compose(PartialSelection.AcceptedAndLate, speedPartials));
        return
        [
            .. batchSide.Values.Concat(speedSide.Values).DistinctBy(row => row.Address).OrderBy(row => row.Address).Select(row => new ComparedRow(
                row,
                batchSide.GetValueOrDefault(row.Address),
                speedSide.GetValueOrDefault(row.Address),
                speedSide.GetValueOrDefault(row.Address)?.EventsOf(late) ?? 0,
                batchSide.GetValueOrDefault(row.Address)?.EventsOf(duplicates) ?? 0,
                batchSide.GetValueOrDefault(row.Address)?.EventsOf(quarantined) ?? 0,
                batchAll.GetValueOrDefault(row.Address),
                speedAll.GetValueOrDefault(row.Address))),
        ];
    }

    private PartialSource AddBatch(WindowComposer composer, Generation generation)
    {
        PartialSource kept = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource duplicates = composer.AddSource(PartialSelection.Accepted, SourceRole.Tally);
        composer.Add(kept, generation.Read(view, PartialKind.Kept));
        composer.Add(duplicates, generation.Read(view, PartialKind.Duplicate));
        return duplicates;
    }

    private IReadOnlyList<PartialBatch> Kept(Generation? generation) => generation is null ? [] : [generation.Read(view, PartialKind.Kept)];

    private IReadOnlyList<WindowRow> Compose(PartialSelection selection, IReadOnlyList<PartialBatch> partials)
    {
        WindowComposer composer = new(view);
        PartialSource source = composer.AddSource(selection, SourceRole.Result);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(source, batch);
        }

        return composer.Compose(TimeWindow.All);
    }

    private static Dictionary<WindowAddress, WindowRow> ByAddress(IReadOnlyList<WindowRow> rows) => rows.ToDictionary(row => row.Address);
}
