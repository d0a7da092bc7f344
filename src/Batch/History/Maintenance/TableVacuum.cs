using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.History.Maintenance;

/// <summary>
/// Deletes the files of a table that no version needs which may still be read: those that compaction replaced longer ago than the retention, and those that
/// writers left behind when they crashed. Cleans up commits that such versions do not need either.
/// </summary>
/// <param name="storage">Where the table lies.</param>
/// <param name="shape">The table.</param>
/// <param name="time">The clock that ages are told by.</param>
internal sealed class TableVacuum(IObjectStorage storage, TableShape shape, TimeProvider time)
{
    private readonly DeltaLog _log = new(storage, shape.Folder, time);

    /// <summary>Vacuums.</summary>
    /// <param name="retention">For how long versions stay readable after they were replaced.</param>
    /// <param name="pinned">Versions that stay readable however old they are.</param>
    /// <param name="mode">Whether files are deleted or only listed.</param>
    /// <param name="cancellationToken">Ends the work; what was deleted is gone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The retention is so short that files of writers at work would be deleted.</exception>
    public async Task<VacuumResult> RunAsync(TimeSpan retention, IReadOnlyCollection<long> pinned, VacuumMode mode, CancellationToken cancellationToken)
    {
        if (retention < DeltaLog.MinRetention || retention > DeltaCheckpoint.TombstoneRetention)
        {
            throw new ArgumentOutOfRangeException(
                nameof(retention), retention, $"Give {DeltaLog.MinRetention.TotalHours:0} hour to {DeltaCheckpoint.TombstoneRetention.TotalDays:0} days.");
        }

        DateTimeOffset cutoff = time.GetUtcNow() - retention;

        // Listed before the log is read: what is listed and what a later commit adds cannot both be old.
        List<StoredObject> listed = await ListDataFilesAsync(cutoff, cancellationToken).ConfigureAwait(false);
        if (await _log.FindLatestAsync(cancellationToken).ConfigureAwait(false) is not { } current)
        {
            return new VacuumResult(shape.Name, mode, [], 0, 0, 0);
        }

        HashSet<string> needed = await NeededAsync(current, cutoff, pinned, cancellationToken).ConfigureAwait(false);
        List<StoredObject> unneeded = [.. listed.Where(file => !needed.Contains(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal)];
        IReadOnlyList<string> log = await new LogCleanup(storage, shape.Folder).FindAsync(current, cutoff, pinned, cancellationToken).ConfigureAwait(false);
        VacuumResult result = new(
            shape.Name, mode, [.. unneeded.Select(file => storage.Describe(file.Name))], unneeded.Sum(file => file.Size), log.Count, 0);
        if (mode == VacuumMode.DryRun)
        {
            return result;
        }

        // The log first: versions that it can build no more need no files, while files that are gone would make versions that it still can a lie.
        foreach (string name in log.Concat(unneeded.Select(file => file.Name)))
        {
            await storage.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }

        int unfinished = await storage.RemoveUnfinishedAsync($"{shape.Folder}/", cutoff, cancellationToken).ConfigureAwait(false);
        return result with { Unfinished = unfinished };
    }

    private async Task<List<StoredObject>> ListDataFilesAsync(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        // Only in folders of partitions: whatever else people keep beside a table is theirs.
        string prefix = $"{shape.Folder}/{TableSchema.DateColumn}=";
        List<StoredObject> files = [];
        await foreach (StoredObject file in storage.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (file.ModifiedAt < cutoff && file.Name.EndsWith(".parquet", StringComparison.Ordinal))
            {
                files.Add(file);
            }
        }

        return files;
    }

    private async Task<HashSet<string>> NeededAsync(
        DeltaSnapshot current, DateTimeOffset cutoff, IReadOnlyCollection<long> pinned, CancellationToken cancellationToken)
    {
        long oldest = cutoff.ToUnixTimeMilliseconds();
        HashSet<string> paths = [.. current.Files.Select(file => file.Path)];
        paths.UnionWith(current.Tombstones.Where(file => file.DeletionTimestamp >= oldest).Select(file => file.Path));
        if (!current.TellsRemovalsSince(cutoff))
        {
            paths.UnionWith(await _log.ReadRemovedSinceAsync(cutoff, cancellationToken).ConfigureAwait(false));
        }

        if (pinned.Count > 0)
        {
            LogListing listing = await LogListing.ReadAsync(storage, shape.Folder, cancellationToken).ConfigureAwait(false);
            foreach (long version in pinned.Where(version => version >= listing.Oldest && version < current.Version).Distinct())
            {
                paths.UnionWith((await _log.ReadAsync(version, cancellationToken).ConfigureAwait(false)).Files.Select(file => file.Path));
            }
        }

        return [.. paths.Select(path => $"{shape.Folder}/{DeltaPaths.Decode(path)}")];
    }
}
