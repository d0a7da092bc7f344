using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>A run that has its turn.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Order">What is to be computed, and what for.</param>
/// <param name="Lease">The stream's lease.</param>
/// <param name="Pinned">What is read, and how far.</param>
internal sealed record PinnedRun(BatchStream Stream, BatchRunOrder Order, BatchLease Lease, PinnedStream Pinned)
{
    /// <summary>
    /// How many new events a generation takes at most that carries another over, about: their partials are in memory until they are merged. Null for all there are.
    /// </summary>
    public long? MostNewEvents { get; init; }
}
