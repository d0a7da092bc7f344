using System.Runtime.CompilerServices;
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
        await foreach (PartialBatch partials in StreamSpeedAsync(from, to, KeyPiece.All, cancellationToken).ConfigureAwait(false))
        {
            composer.Add(source, partials);
        }

        return Compose(composer, start);
    }

    /// <summary>The partials of a generation that overlap a range, in the order of <see cref="AsReadPartials.Order"/>; none when there is no generation.</summary>
    public async Task<IReadOnlyList<(PartialKind Kind, PartialBatch Partials)>> ReadGenerationAsync(
        long? generation, WindowRange range, CancellationToken cancellationToken) =>
        await StreamGenerationAsync(generation, range, KeyPiece.All, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>The same of some keys.</summary>
    public async IAsyncEnumerable<(PartialKind Kind, PartialBatch Partials)> StreamGenerationAsync(
        long? generation, WindowRange range, KeyPiece keys, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (PartialKind kind in generation is null ? [] : AsReadPartials.Order)
        {
            await foreach (PartialBatch partials in store.ReadGenerationAsync(view.Layout, generation!.Value, kind, range, keys, cancellationToken).ConfigureAwait(false))
            {
                yield return (kind, partials);
            }
        }
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

    /// <summary>The speed partials of the epochs between two boundaries that overlap a range.</summary>
    public async Task<PartialBatch> ReadSpeedAsync(Boundary from, Boundary to, WindowRange range, CancellationToken cancellationToken)
    {
        PartialBatch all = new(view.Layout);
        await foreach (PartialBatch partials in store.ReadSpeedAsync(view.Layout, from, to, range, KeyPiece.All, cancellationToken).ConfigureAwait(false))
        {
            all.With(partials);
        }

        return all;
    }

    /// <summary>By address, the windows of partials, whatever became of their events, of those that begin at <paramref name="start"/> or later.</summary>
    public static IReadOnlyDictionary<WindowAddress, WindowRow> Compose(ViewDefinition view, PartialBatch partials, long start = long.MinValue)
    {
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(PartialSelection.AcceptedAndLate, SourceRole.Result), partials);
        return Compose(composer, start);
    }

    /// <summary>By address, the windows of all events that a generation has read, of those that begin at <paramref name="start"/> or later.</summary>
    /// <param name="view">The view.</param>
    /// <param name="generation">The partials, in the order of <see cref="AsReadPartials.Order"/>.</param>
    /// <param name="start">From when on.</param>
    public static IReadOnlyDictionary<WindowAddress, WindowRow> Compose(
        ViewDefinition view, IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation, long start)
    {
        WindowComposer composer = new(view);
        AsReadPartials all = new(view, composer);
        foreach ((PartialKind kind, PartialBatch partials) in generation)
        {
            all.Add(kind, partials);
        }

        return Compose(composer, start);
    }

    private static Dictionary<WindowAddress, WindowRow> Compose(WindowComposer composer, long start) =>
        composer.Compose(new TimeWindow(start, long.MaxValue)).Where(row => row.Start >= start).ToDictionary(row => row.Address);

    /// <summary>The speed partials of the epochs between two boundaries that some keys have.</summary>
    public IAsyncEnumerable<PartialBatch> StreamSpeedAsync(Boundary from, Boundary to, KeyPiece keys, CancellationToken cancellationToken) =>
        store.ReadSpeedAsync(view.Layout, from, to, WindowRange.All, keys, cancellationToken);
}
