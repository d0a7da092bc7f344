using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
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
            await foreach (PartialBatch partials in Generation(generation, kind, WindowRange.All, cancellationToken).ConfigureAwait(false))
            {
                all.Add(kind, partials);
            }
        }

        return Compose(composer, start);
    }

    /// <summary>The partials of a generation that overlap a range, in the order of <see cref="AsReadPartials.Order"/>; none when there is no generation.</summary>
    public async Task<IReadOnlyList<(PartialKind Kind, PartialBatch Partials)>> ReadGenerationAsync(
        long? generation, WindowRange range, CancellationToken cancellationToken)
    {
        List<(PartialKind Kind, PartialBatch Partials)> found = [];
        foreach (PartialKind kind in AsReadPartials.Order)
        {
            await foreach (PartialBatch partials in Generation(generation, kind, range, cancellationToken).ConfigureAwait(false))
            {
                found.Add((kind, partials));
            }
        }

        return found;
    }

    /// <summary>What a generation has near some partials, in the order of <see cref="AsReadPartials.Order"/>.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="around">The partials.</param>
    /// <param name="nearness">What is near.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<IReadOnlyList<(PartialKind Kind, PartialBatch Partials)>> ReadGenerationAroundAsync(
        long generation, PartialBatch around, Nearness nearness, CancellationToken cancellationToken)
    {
        List<(PartialKind Kind, PartialBatch Partials)> found = [];
        foreach (PartialKind kind in AsReadPartials.Order)
        {
            found.Add((kind, await store.ReadAroundAsync(view.Layout, generation, kind, around, nearness, cancellationToken).ConfigureAwait(false)));
        }

        return found;
    }

    /// <summary>Adds a generation to a ledger; nothing when there is no generation.</summary>
    public async Task AddGenerationAsync(WindowLedger ledger, long? generation, CancellationToken cancellationToken)
    {
        foreach (PartialKind kind in AsReadPartials.Order)
        {
            await foreach (PartialBatch partials in Generation(generation, kind, WindowRange.All, cancellationToken).ConfigureAwait(false))
            {
                ledger.AddBatch(kind, partials);
            }
        }
    }

    /// <summary>The speed partials of the epochs between two boundaries that overlap a range.</summary>
    public async Task<PartialBatch> ReadSpeedAsync(Boundary from, Boundary to, WindowRange range, CancellationToken cancellationToken)
    {
        PartialBatch all = new(view.Layout);
        await foreach (PartialBatch partials in store.ReadSpeedAsync(view.Layout, from, to, range, cancellationToken).ConfigureAwait(false))
        {
            all.With(partials);
        }

        return all;
    }

    /// <summary>Adds the speed partials of the epochs between two boundaries to a ledger.</summary>
    public async Task AddSpeedAsync(WindowLedger ledger, Boundary from, Boundary to, CancellationToken cancellationToken)
    {
        await foreach (PartialBatch partials in Speed(from, to, cancellationToken).ConfigureAwait(false))
        {
            ledger.AddSpeed(partials);
        }
    }

    /// <summary>By address, the windows of partials, whatever became of their events, of those that begin at <paramref name="start"/> or later.</summary>
    public static IReadOnlyDictionary<WindowAddress, WindowRow> Compose(ViewDefinition view, PartialBatch partials, long start = long.MinValue)
    {
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result), partials);
        return Compose(composer, start);
    }

    private static Dictionary<WindowAddress, WindowRow> Compose(WindowComposer composer, long start) =>
        composer.Compose(new TimeWindow(start, long.MaxValue)).Where(row => row.Start >= start).ToDictionary(row => row.Address);

    private IAsyncEnumerable<PartialBatch> Generation(long? generation, PartialKind kind, WindowRange range, CancellationToken cancellationToken) =>
        generation is { } number
            ? store.ReadGenerationAsync(view.Layout, number, kind, range, cancellationToken)
            : AsyncEnumerable.Empty<PartialBatch>();

    private IAsyncEnumerable<PartialBatch> Speed(Boundary from, Boundary to, CancellationToken cancellationToken) =>
        store.ReadSpeedAsync(view.Layout, from, to, WindowRange.All, cancellationToken);
}
