using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Maintenance;

/// <summary>Finds what of a table's log no version needs that has to stay readable.</summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="table">Its folder.</param>
internal sealed class LogCleanup(IObjectStorage storage, string table)
{
    /// <summary>
    /// The commits and checkpoints before the newest checkpoint that is older than the retention and than every pinned version: all versions from that on
    /// can be built without them.
    /// </summary>
    /// <param name="current">The table now.</param>
    /// <param name="cutoff">Versions that were the newest at this instant or later stay.</param>
    /// <param name="pinned">Versions that stay however old they are.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The full names, the oldest version first.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(
        DeltaSnapshot current, DateTimeOffset cutoff, IReadOnlyCollection<long> pinned, CancellationToken cancellationToken)
    {
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        long newest = pinned.Append(current.Version).Min();
        foreach (long checkpoint in listing.WholeCheckpoints().Where(version => version <= newest).Reverse())
        {
            if (await IsBeforeAsync(listing, checkpoint, cutoff, cancellationToken).ConfigureAwait(false))
            {
                return [.. listing.Names.Where(file => file.Version < checkpoint).OrderBy(file => file.Version).Select(file => file.Name)];
            }
        }

        return [];
    }

    private async Task<bool> IsBeforeAsync(LogListing listing, long version, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        await VersionTimes.ReadAsync(storage, table, listing, version, cancellationToken).ConfigureAwait(false) is { } at && at < cutoff;
}
