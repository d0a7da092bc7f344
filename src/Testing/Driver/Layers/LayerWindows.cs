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
        WindowAccounts old = Accounts(before, speed.Read(view, before?.Boundary ?? _zero, after.Boundary));
        WindowAccounts now = Accounts(after, []);
        return
        [
            .. old.All.Concat(now.All).Select(row => row.Address).Distinct().Order()
                .Select(address => (Before: old.Served(address), After: now.Served(address)))
                .Where(pair => !ResultComparison.AreSame(pair.Before, pair.After)),
        ];
    }

    /// <summary>Both layers over the events below a generation's boundary.</summary>
    public IReadOnlyList<ComparedRow> Compare(Generation generation)
    {
        WindowAccounts fromSpeed = Accounts(null, speed.Read(view, _zero, generation.Boundary));
        WindowAccounts fromBatch = Accounts(generation, []);
        return
        [
            .. fromBatch.All.Concat(fromSpeed.All).DistinctBy(row => row.Address).OrderBy(row => row.Address).Select(row => new ComparedRow(
                row,
                fromBatch.Served(row.Address),
                fromSpeed.Served(row.Address),
                fromSpeed.Late(row.Address),
                fromBatch.Removed(row.Address).Duplicates,
                fromBatch.Removed(row.Address).Quarantined,
                fromBatch.Read(row.Address),
                fromSpeed.Read(row.Address))),
        ];
    }

    private IReadOnlyList<PartialBatch> Of(Generation? generation, PartialKind kind) => generation is null ? [] : [generation.Read(view, kind)];

    private IReadOnlyList<WindowRow> Results(PartialSelection selection, IReadOnlyList<PartialBatch> partials)
    {
        WindowComposer composer = new(view);
        PartialSource source = composer.AddSource(selection, SourceRole.Result);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(source, batch);
        }

        return composer.Compose(TimeWindow.All);
    }

    private WindowAccounts Accounts(Generation? generation, IReadOnlyList<PartialBatch> ofSpeed)
    {
        WindowLedger ledger = new(view, view);
        foreach (PartialKind kind in generation is null ? [] : AsReadPartials.Order)
        {
            ledger.AddBatch(kind, generation!.Read(view, kind));
        }

        foreach (PartialBatch partials in ofSpeed)
        {
            ledger.AddSpeed(partials);
        }

        return ledger.Compose(TimeWindow.All);
    }
}
