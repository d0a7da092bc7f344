using System.Text;

namespace Lambda.Store.Relational;

/// <summary>SQL conditions on partition and epoch that pick the speed partials of offset ranges. Epoch numbers rise with offsets.</summary>
internal static class EpochFilter
{
    /// <summary>Epochs that begin at the boundary or later, which are among those given.</summary>
    public static string From(IReadOnlyList<EpochInfo> epochs, Boundary boundary) => Each(
        EditionOf(epochs), boundary.Partitions, FirstEpochs(epochs, boundary), first => $"epoch >= {first}");

    /// <summary>Epochs that begin before the boundary; those that do not are among the ones given.</summary>
    public static string Below(IReadOnlyList<EpochInfo> epochs, Boundary boundary) => Each(
        EditionOf(epochs), boundary.Partitions, FirstEpochs(epochs, boundary), first => $"epoch < {first}");

    /// <summary>
    /// Sealed epochs within two boundaries. The first of those given may stand for others before it (see <see cref="SealedEpochs"/>). Those of partitions that a
    /// stream has got since lie behind both.
    /// </summary>
    public static string Within(IReadOnlyList<EpochInfo> epochs, Boundary from, Boundary to) => Any(epochs
        .Where(epoch => epoch.State == EpochState.Sealed
            && epoch.Partition < Math.Min(from.Partitions, to.Partitions)
            && epoch.Offsets.Start >= from[epoch.Partition] && epoch.Offsets.End <= to[epoch.Partition])
        .GroupBy(epoch => epoch.Partition)
        .Select(group => (
            EditionLane.Slot(EditionOf(epochs), group.Key),
            $"epoch BETWEEN {LastBefore(epochs, group.Key, from[group.Key]) + 1} AND {group.Max(epoch => epoch.Epoch)}")));

    /// <summary>The number of the last epoch of a partition that begins before an offset; 0, which none has, when there is none.</summary>
    private static long LastBefore(IReadOnlyList<EpochInfo> epochs, int partition, long offset) => epochs
        .Where(epoch => epoch.Partition == partition && epoch.Offsets.Start < offset)
        .Select(epoch => epoch.Epoch)
        .DefaultIfEmpty()
        .Max();

    private static Dictionary<int, long> FirstEpochs(IReadOnlyList<EpochInfo> epochs, Boundary boundary) => epochs
        .Where(epoch => epoch.Offsets.Start >= boundary[epoch.Partition])
        .GroupBy(epoch => epoch.Partition)
        .ToDictionary(group => group.Key, group => group.Min(epoch => epoch.Epoch));

    /// <summary>The edition that epochs of one lane are of.</summary>
    private static int EditionOf(IReadOnlyList<EpochInfo> epochs) => epochs.Count > 0 ? epochs[0].Edition : 0;

    private static string Each(int edition, int partitions, Dictionary<int, long> first, Func<long, string> condition) => Any(
        Enumerable.Range(0, partitions).Select(partition => (EditionLane.Slot(edition, partition), condition(first.GetValueOrDefault(partition, long.MaxValue)))));

    private static string Any(IEnumerable<(int Partition, string Condition)> parts)
    {
        var sql = new StringBuilder();
        foreach ((int partition, string condition) in parts)
        {
            sql.Append(sql.Length == 0 ? "(" : " OR ").Append($"partition = {partition} AND {condition}");
        }

        return sql.Length == 0 ? "false" : sql.Append(')').ToString();
    }
}
