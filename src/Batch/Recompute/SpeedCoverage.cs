using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>Which part of a stream the speed layer has computed, and what is served of it.</summary>
/// <param name="Status">The stream; null when the store does not know it.</param>
/// <param name="ByView">By view name, how much of it the speed layer has computed for the view's present version.</param>
/// <param name="Basis">What the generation that is served was computed from; null when there is none, or that is not known any more.</param>
internal sealed record SpeedCoverage(StreamStatus? Status, IReadOnlyDictionary<string, ViewCoverage> ByView, GenerationBasis? Basis)
{
    /// <summary>The generation that is served; null before the first publication.</summary>
    public GenerationInfo? Current => Status?.CurrentGeneration;

    /// <summary>The generation that is served of a view, if it holds the view's present version.</summary>
    public GenerationInfo? CurrentOf(ViewDefinition view) =>
        Current is { } current && current.Holds(view.Layout) ? current : null;

    /// <summary>The first offset of a partition that the speed layer has not computed.</summary>
    public long NextOffset(int partition) => Status?.Partitions.FirstOrDefault(status => status.Partition == partition)?.NextOffset ?? 0;

    /// <summary>
    /// Whether the speed layer has computed a record with all views as they are declared now: only then it has quarantined the record for each expression that refuses it.
    /// </summary>
    public bool HasJudged(LogPosition position) => position.Offset < NextOffset(position.Partition)
        && ByView.Values.All(view => position.Offset >= view.From[position.Partition]);

    /// <summary>Why the speed layer's partials of a view do not cover the offsets from <paramref name="from"/> to <paramref name="to"/>; null when they do.</summary>
    public string? FindGap(ViewDefinition view, Boundary from, Boundary to)
    {
        Boundary start = ByView[view.Name].From;
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

    /// <summary>Reads it.</summary>
    public static async Task<SpeedCoverage> ReadAsync(IViewStore store, BatchStream stream, CancellationToken cancellationToken)
    {
        IReadOnlyList<ViewDefinition> views = stream.Definition.Views;
        StreamCoverage coverage = await store.ReadCoverageAsync(stream.Name, [.. views.Select(view => view.Layout)], cancellationToken).ConfigureAwait(false);
        GenerationBasis? basis = coverage.Stream?.CurrentGeneration is { } current
            ? await store.ReadBasisAsync(stream.Name, current.Generation, cancellationToken).ConfigureAwait(false)
            : null;
        return new SpeedCoverage(
            coverage.Stream, views.Zip(coverage.Views).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal), basis);
    }
}
