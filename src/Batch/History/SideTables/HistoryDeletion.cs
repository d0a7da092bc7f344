using System.Globalization;
using Lambda.Batch.History.Delta;
using Lambda.Store;

namespace Lambda.Batch.History.SideTables;

/// <summary>
/// The newest deletion of events from a history. Noted in the very commits that remove them, as transactions of the table: whoever pins a version knows
/// whether it is from before or after.
/// </summary>
/// <param name="Version">
/// The version that the deletion made, the last one where it took several; a higher one where generations were computed from higher ones before the history was restored from an older copy.
/// </param>
/// <param name="Below">By partition, the first offset that was not looked at any more: below it the speed layer may have events that the history has not.</param>
internal sealed record HistoryDeletion(long Version, Boundary Below)
{
    /// <summary>The newest one; null when nothing was ever deleted.</summary>
    public static HistoryDeletion? Find(DeltaSnapshot events, string stream, int partitions) =>
        events.Transactions.TryGetValue(VersionId(stream), out long version)
            ? new HistoryDeletion(
                version,
                new Boundary(Enumerable.Range(0, partitions).Select(partition => events.Transactions.GetValueOrDefault(BelowId(stream, partition)))))
            : null;

    /// <summary>What notes a deletion in a commit.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="at">When the commit is made, in milliseconds since 1970.</param>
    public IEnumerable<AppTransaction> Transactions(string stream, long at) => Enumerable.Range(0, Below.Partitions)
        .Select(partition => new AppTransaction(BelowId(stream, partition), Below[partition], at))
        .Prepend(new AppTransaction(VersionId(stream), Version, at));

    private static string VersionId(string stream) => $"{stream}/deleted";

    private static string BelowId(string stream, int partition) => string.Create(CultureInfo.InvariantCulture, $"{stream}/deleted/{partition}");
}
