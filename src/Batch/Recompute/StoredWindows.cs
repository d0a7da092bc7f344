using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>Composes windows of a view from partials that the store holds.</summary>
internal sealed class StoredWindows(IBatchStore store, ViewDefinition view)
{
    /// <summary>By key and start, the windows of several sets of partials merged.</summary>
    public static async Task<IReadOnlyDictionary<(GroupKey Key, long Start), WindowRow>> ComposeAsync(
        ViewDefinition view, PartialSelection selection, long from, CancellationToken cancellationToken, params IAsyncEnumerable<PartialBatch>[] sets)
    {
        WindowComposer composer = new(view);
        foreach (IAsyncEnumerable<PartialBatch> set in sets)
        {
            await foreach (PartialBatch partials in set.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                composer.Add(partials);
            }
        }

        return composer.Compose(selection, from, long.MaxValue).Where(row => row.Start >= from).ToDictionary(row => row.Address);
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
