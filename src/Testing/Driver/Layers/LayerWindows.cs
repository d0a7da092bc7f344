using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>Composes the windows of a view from the partials of both layers, as the serving layer and the audit do.</summary>
internal sealed class LayerWindows(ViewDefinition view, SpeedSide speed, Boundary end)
{
    private readonly Boundary _zero = Boundary.Zero(end.Partitions);

    /// <summary>The windows that the speed layer makes of all events.</summary>
    public IReadOnlyList<WindowRow> Speed(PartialSelection selection) => Compose(selection, speed.Read(view, _zero, end));

    /// <summary>The windows of a generation.</summary>
    public IReadOnlyList<WindowRow> Batch(Generation? generation) => Compose(PartialSelection.Accepted, Kept(generation));

    /// <summary>The windows of a generation and of the epochs behind its boundary.</summary>
    public IReadOnlyList<WindowRow> Merged(Generation? generation) => Compose(
        PartialSelection.Accepted, [.. Kept(generation), .. speed.Read(view, generation?.Boundary ?? _zero, end)]);

    /// <summary>The windows whose results, or borders, change when one generation takes the place of another.</summary>
    public IReadOnlyList<(WindowRow? Before, WindowRow? After)> Changes(Generation? before, Generation after)
    {
        WindowAccounts old = Account(before, speed.Read(view, before?.Boundary ?? _zero, after.Boundary));
        WindowAccounts now = Account(after, []);
        return
        [
            .. Windows(old, now).Where(window => !old.IsServedAsIn(now, window.Address)).Select(window => (Served(old, window), Served(now, window))),
        ];
    }

    /// <summary>Both layers over the events below a generation's boundary.</summary>
    public IReadOnlyList<ComparedRow> Compare(Generation generation)
    {
        WindowAccounts batch = Account(generation, []);
        WindowAccounts speedAlone = Account(null, speed.Read(view, _zero, generation.Boundary));
        return
        [
            .. Windows(batch, speedAlone).Select(window => new ComparedRow(
                window,
                Served(batch, window),
                Served(speedAlone, window),
                speedAlone.Late(window.Address),
                batch.Removed(window.Address),
                batch.Read(window.Address),
                speedAlone.Read(window.Address))),
        ];
    }

    private static IEnumerable<WindowRow> Windows(WindowAccounts one, WindowAccounts other) =>
        one.All.Concat(other.All).DistinctBy(row => row.Address).OrderBy(row => row.Address);

    private static WindowRow? Served(WindowAccounts accounts, WindowRow window) => accounts.Served(window.Address) is { EventCount: > 0 } row ? row : null;

    private IReadOnlyList<PartialBatch> Kept(Generation? generation) => generation is null ? [] : [generation.Read(view, PartialKind.Kept)];

    private WindowAccounts Account(Generation? generation, IReadOnlyList<PartialBatch> ofSpeed)
    {
        WindowLedger ledger = new(view, view);
        if (generation is not null)
        {
            foreach (PartialKind kind in AsReadPartials.Order)
            {
                ledger.AddBatch(kind, generation.Read(view, kind));
            }
        }

        foreach (PartialBatch partials in ofSpeed)
        {
            ledger.AddSpeed(partials);
        }

        return ledger.Compose(TimeWindow.All);
    }

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
}
