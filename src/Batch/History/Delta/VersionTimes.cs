using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Delta;

/// <summary>When versions of a table were committed.</summary>
internal static class VersionTimes
{
    /// <summary>
    /// The time that the commit tells, which stays what it is when a table is copied; where it tells none, the one at which the storage got it.
    /// </summary>
    /// <returns>Null when the commit is not there.</returns>
    /// <exception cref="HistoryException">The commit is damaged.</exception>
    public static async Task<DateTimeOffset?> ReadAsync(
        IObjectStorage storage, string table, LogListing listing, long version, CancellationToken cancellationToken)
    {
        string name = $"{table}/{DeltaPaths.Commit(version)}";
        if (!listing.Commits.TryGetValue(version, out DateTimeOffset stored)
            || await storage.ReadAsync(name, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        CommitInfo? info = DeltaCommit.Read(content, storage.Describe(name)).OfType<CommitInfo>().FirstOrDefault();
        return info?.Timestamp is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : stored;
    }

    /// <summary>The last version that was committed at or before an instant.</summary>
    /// <exception cref="HistoryException">There is none, or none that can still be read.</exception>
    public static async Task<long> FindAsync(
        IObjectStorage storage, string table, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        LogListing listing = await LogListing.ReadAsync(storage, table, cancellationToken).ConfigureAwait(false);
        long[] versions = [.. listing.Commits.Keys.Where(version => version >= listing.Oldest)];

        // Times of versions rise, so half of the rest is ruled out by each look.
        int low = 0;
        int high = versions.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (await ReadAsync(storage, table, listing, versions[middle], cancellationToken).ConfigureAwait(false) <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0
            ? versions[low - 1]
            : throw new HistoryException(
                $"The Delta table '{storage.Describe(table)}' has no version of {instant.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"
                + (versions.Length > 0 && await ReadAsync(storage, table, listing, versions[0], cancellationToken).ConfigureAwait(false) is { } first
                    ? $": its oldest one, {versions[0]}, is of {first.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}. Give a later time."
                    : ": there is no such table."));
    }
}
