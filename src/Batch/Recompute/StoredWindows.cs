using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Recompute;

/// <summary>Composes windows of a view from partials that the store holds.</summary>
internal sealed class StoredWindows(IBatchStore store, ViewDefinition view)
{
    /// <summary>By address, the windows of several sets of partials merged, of those that begin at <paramref name="from"/> or later.</summary>
    public static async Task<IReadOnlyDictionary<WindowAddress, WindowRow>> ComposeAsync(
        ViewDefinition view, PartialSelection selection, long from, CancellationToken cancellationToken, params IAsyncEnumerable<PartialBatch>[] sets)
    {
        WindowComposer composer = new(view);
        PartialSource source = composer.AddSource(selection, SourceRole.Result);
        foreach (IAsyncEnumerable<PartialBatch> set in sets)
        {
            await AddAsync(composer, set, cancellationToken, source).ConfigureAwait(false);
        }

        return composer.Compose(new TimeWindow(from, long.MaxValue)).Where(row => row.Start >= from).ToDictionary(row => row.Address);
    }

    /// <summary>Adds stored partials to a composition, as each of the sources.</summary>
    public static async Task AddAsync(
        WindowComposer composer, IAsyncEnumerable<PartialBatch> set, CancellationToken cancellationToken, params PartialSource[] sources)
    {
        await foreach (PartialBatch partials in set.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (PartialSource source in sources)
            {
                composer.Add(source, partials);
            }
        }
    }

    /// <summary>Partials of a generation; none when there is no generation.</summary>
    public IAsyncEnumerable<PartialBatch> Generation(long? generation, PartialKind kind, CancellationToken cancellationToken) =>
        generation is { } number
            ? store.ReadGenerationAsync(view.Layout, number, kind, cancellationToken)
            : AsyncEnumerable.Empty<PartialBatch>();

    /// <summary>Speed partials of the epochs between two boundaries.</summary>
    public IAsyncEnumerable<PartialBatch> Speed(Boundary from, Boundary to, CancellationToken cancellationToken) =>
        store.ReadSpeedAsync(view.Layout, from, to, cancellationToken);
}
