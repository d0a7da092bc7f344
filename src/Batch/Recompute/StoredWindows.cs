using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

/// <summary>Composes windows of a view from partials that the store holds.</summary>
internal sealed class StoredWindows(IBatchStore store, ViewDefinition view)
{
    /// <summary>By address, the windows of all events that the speed layer has read, of those that begin at <paramref name="start"/> or later.</summary>
    public async Task<IReadOnlyDictionary<WindowAddress, WindowRow>> ComposeSpeedAsync(
        Boundary from, Boundary to, long start, CancellationToken cancellationToken)
    {
        WindowComposer composer = new(view);
        PartialSource source = composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result);
        await foreach (PartialBatch partials in Speed(from, to, cancellationToken).ConfigureAwait(false))
        {
            composer.Add(source, partials);
        }

        return Compose(composer, start);
    }

    /// <summary>By address, the windows of all events that a generation has read, of those that begin at <paramref name="start"/> or later.</summary>
    public async Task<IReadOnlyDictionary<WindowAddress, WindowRow>> ComposeGenerationAsync(
        long generation, long start, CancellationToken cancellationToken)
    {
        WindowComposer composer = new(view);
        AsReadPartials all = new(view, composer);
        foreach (PartialKind kind in AsReadPartials.Order)
        {
            await foreach (PartialBatch partials in Generation(generation, kind, cancellationToken).ConfigureAwait(false))
            {
                all.Add(kind, partials);
            }
        }

        return Compose(composer, start);
    }

    /// <summary>Adds a generation to a ledger; nothing when there is no generation.</summary>
    public async Task AddGenerationAsync(WindowLedger ledger, long? generation, CancellationToken cancellationToken)
    {
        foreach (PartialKind kind in AsReadPartials.Order)
        {
            await foreach (PartialBatch partials in Generation(generation, kind, cancellationToken).ConfigureAwait(false))
            {
                ledger.AddBatch(kind, partials);
            }
        }
    }

    /// <summary>Adds the speed partials of the epochs between two boundaries to a ledger.</summary>
    public async Task AddSpeedAsync(WindowLedger ledger, Boundary from, Boundary to, CancellationToken cancellationToken)
    {
        await foreach (PartialBatch partials in Speed(from, to, cancellationToken).ConfigureAwait(false))
        {
            ledger.AddSpeed(partials);
        }
    }

    private static Dictionary<WindowAddress, WindowRow> Compose(WindowComposer composer, long start) =>
        composer.Compose(new TimeWindow(start, long.MaxValue)).Where(row => row.Start >= start).ToDictionary(row => row.Address);

    private IAsyncEnumerable<PartialBatch> Generation(long? generation, PartialKind kind, CancellationToken cancellationToken) =>
        generation is { } number
            ? store.ReadGenerationAsync(view.Layout, number, kind, cancellationToken)
            : AsyncEnumerable.Empty<PartialBatch>();

    private IAsyncEnumerable<PartialBatch> Speed(Boundary from, Boundary to, CancellationToken cancellationToken) =>
        store.ReadSpeedAsync(view.Layout, from, to, cancellationToken);
}
