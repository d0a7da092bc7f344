using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>Which part of a stream the speed layer has computed, and what is served of it.</summary>
/// <param name="Status">The stream; null when the store does not know it.</param>
/// <param name="FromByView">By view name, the offsets from which on the speed layer has computed the view's current version.</param>
/// <param name="ComparableFromByView">By view name, from when on its windows have lost no speed partials.</param>
internal sealed record SpeedCoverage(
    StreamStatus? Status, IReadOnlyDictionary<string, Boundary> FromByView, IReadOnlyDictionary<string, long> ComparableFromByView)
{
    /// <summary>The generation that is served; null before the first publication.</summary>
    public GenerationInfo? Current => Status?.CurrentGeneration;

    /// <summary>The generation that is served of a view, if it holds the view's present version.</summary>
    public GenerationInfo? CurrentOf(ViewDefinition view) =>
        Current?.ViewVersions.GetValueOrDefault(view.Name) == view.Layout.Version ? Current : null;

    /// <summary>The first offset of a partition that the speed layer has not computed.</summary>
    public long NextOffset(int partition) => Status?.Partitions.FirstOrDefault(status => status.Partition == partition)?.NextOffset ?? 0;

    /// <summary>Why the speed layer's partials of a view do not cover the offsets from <paramref name="from"/> to <paramref name="to"/>; null when they do.</summary>
    public string? FindGap(ViewDefinition view, Boundary from, Boundary to)
    {
        Boundary start = FromByView[view.Name];
        for (int partition = 0; partition < to.Partitions; partition++)
        {
            if (to[partition] <= from[partition])
            {
                continue;
            }

            long next = NextOffset(partition);
            if (next < to[partition])
            {
                return $"the speed layer has computed partition {partition} only up to offset {next}, not to the boundary at {to[partition]}";
            }

            if (start[partition] > from[partition])
            {
                return $"the speed layer computes this version of view '{view.Name}' in partition {partition} only from offset {start[partition]} on";
            }
        }

        return null;
    }

    /// <summary>Reads it, all views as of about the same instant.</summary>
    public static async Task<SpeedCoverage> ReadAsync(IServingStore store, BatchStream stream, CancellationToken cancellationToken)
    {
        Dictionary<string, Boundary> from = new(StringComparer.Ordinal);
        Dictionary<string, long> comparableFrom = new(StringComparer.Ordinal);
        foreach (ViewDefinition view in stream.Definition.Views)
        {
            // A range without an instant: only what stands beside the partials is wanted.
            ViewRead nothing = new(view.Layout, new WindowRange(0, 0), new Dictionary<int, object?>(), ReadScope.Speed);
            ViewSnapshot snapshot = await store.ReadViewAsync(nothing, cancellationToken).ConfigureAwait(false);
            from[view.Name] = snapshot.Coverage;
            comparableFrom[view.Name] = snapshot.ComparableFrom;
        }

        return new SpeedCoverage(await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false), from, comparableFrom);
    }
}
