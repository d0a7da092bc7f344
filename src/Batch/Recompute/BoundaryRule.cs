using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>Decides how far a generation reaches.</summary>
internal static class BoundaryRule
{
    /// <summary>
    /// Per partition the end of the latest sealed epoch that the archive contains, so that no epoch of the speed layer is cut in two. Where the
    /// speed layer has never run there are no epochs, and the archive's end is the boundary.
    /// </summary>
    /// <param name="epochs">All epochs of the stream.</param>
    /// <param name="archivedEnd">Per partition the first offset that is not archived.</param>
    /// <param name="floor">What is never gone back behind: the boundary that is served; before the first publication, where the stream begins.</param>
    public static Boundary Choose(IReadOnlyList<EpochInfo> epochs, Boundary archivedEnd, Boundary floor) => epochs.Count == 0
        ? archivedEnd
        : new Boundary(Enumerable.Range(0, archivedEnd.Partitions)
            .Select(partition => SealedEnd(epochs, partition, floor[partition], archivedEnd[partition])));

    /// <summary>Whether every partition's epochs, which begin at <paramref name="starts"/>, are sealed at least up to <paramref name="end"/>.</summary>
    public static bool IsSealedUpTo(IReadOnlyList<EpochInfo> epochs, Boundary starts, Boundary end) =>
        Enumerable.Range(0, end.Partitions).All(partition => SealedEnd(epochs, partition, starts[partition], long.MaxValue) >= end[partition]);

    /// <summary>The first offsets at or behind a boundary, but not behind <paramref name="most"/>, that lie within no epoch.</summary>
    public static Boundary AtEpochEdges(IReadOnlyList<EpochInfo> epochs, Boundary boundary, Boundary most) => new(
        Enumerable.Range(0, most.Partitions).Select(partition => Math.Min(
            most[partition],
            epochs.Where(epoch => epoch.Partition == partition && epoch.Offsets.Start < boundary[partition] && epoch.Offsets.End > boundary[partition])
                .Select(epoch => epoch.Offsets.End).Append(boundary[partition]).Max())));

    /// <summary>
    /// How far a generation reaches that takes about so many events more than another: in every partition the same share of what there is, and on to the end of the
    /// epoch that this lies in.
    /// </summary>
    /// <param name="epochs">All epochs of the stream.</param>
    /// <param name="from">The other's boundary.</param>
    /// <param name="to">The boundary to reach in the end, which cuts no epoch.</param>
    /// <param name="events">How many events; one at least.</param>
    /// <returns><paramref name="to"/> when there are no more than that; a boundary behind <paramref name="from"/> otherwise.</returns>
    public static Boundary Within(IReadOnlyList<EpochInfo> epochs, Boundary from, Boundary to, long events)
    {
        Int128 all = Enumerable.Range(0, to.Partitions).Aggregate(Int128.Zero, (sum, partition) => sum + to[partition] - from[partition]);
        return all <= events ? to : AtEpochEdges(
            epochs,
            new Boundary(Enumerable.Range(0, to.Partitions).Select(partition =>
                from[partition] + (long)((((Int128)(to[partition] - from[partition]) * events) + all - 1) / all))),
            to);
    }

    private static long SealedEnd(IReadOnlyList<EpochInfo> epochs, int partition, long atLeast, long atMost) => epochs
        .Where(epoch => epoch.Partition == partition && epoch.State == EpochState.Sealed && epoch.Offsets.End <= atMost)
        .Select(epoch => epoch.Offsets.End)
        .Append(atLeast)
        .Max();
}
