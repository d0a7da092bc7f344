using Lambda.Batch.ForeignTables.Hudi.Logs;
using Lambda.Batch.History;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>Reads the timeline of a Hudi table, and finds the newest file of each file group, and the logs with changes since.</summary>
internal static class HudiTable
{
    /// <summary>Whether a folder has one.</summary>
    public static bool IsIn(string folder) => Directory.Exists(Path.Combine(folder, HudiProperties.Folder));

    /// <summary>Opens the table.</summary>
    public static async Task<ForeignTable> OpenAsync(string path, HistoryPoint point, CancellationToken cancellationToken)
    {
        TableFolder folder = new(path, "Hudi");
        HudiProperties properties = await HudiProperties.ReadAsync(folder, cancellationToken).ConfigureAwait(false);
        HudiTimeline timeline = HudiTimeline.Read(folder, properties, point);
        List<(HudiInstant Instant, HudiCommit Commit)> chosen = await ReadAsync(folder, timeline.Chosen, cancellationToken).ConfigureAwait(false);
        List<(HudiInstant Instant, HudiCommit Commit)> later = await ReadAsync(folder, timeline.Later, cancellationToken).ConfigureAwait(false);
        Dictionary<(string Partition, string Group), HudiSlice> slices = HudiSlice.Find([.. HudiFile.List(folder)], timeline, folder);
        HashSet<(string Partition, string Group)> replaced = [.. chosen.SelectMany(write => write.Commit.Replaced)];
        EnsureWhole(folder, timeline, slices, replaced, chosen, later);
        HudiSlice[] live =
        [
            .. slices.Where(entry => !replaced.Contains(entry.Key)).Select(entry => entry.Value)
                .OrderBy(slice => slice.Base is null).ThenBy(slice => (slice.Base ?? slice.Logs[0]).Path, StringComparer.Ordinal),
        ];
        string schema = chosen.Select(write => write.Commit.Schema).LastOrDefault(told => !string.IsNullOrEmpty(told)) ?? properties.Schema
            ?? throw folder.Refuse("does not tell its columns in any commit of its timeline. Have the engine write to it once");
        return new ForeignTable
        {
            Name = folder.Name,
            Version = timeline.Chosen is [.., var last] ? $"instant {last.Time}" : "without any write",
            Columns = HudiSchema.Read(schema, folder),
            Files = [.. live.Select(slice => slice.Base).OfType<HudiFile>().Select(file => new ForeignFile(folder.Find(file.Path, "data file")))],
            Logs = Array.Exists(live, slice => slice.Logs.Count > 0)
                ? new HudiLogs(folder, HudiMerging.Read(properties, folder), schema, timeline.Counts, [.. live.Select(slice => slice.Logs)])
                : null,
        };
    }

    private static async Task<List<(HudiInstant Instant, HudiCommit Commit)>> ReadAsync(
        TableFolder folder, IReadOnlyList<HudiInstant> instants, CancellationToken cancellationToken)
    {
        List<(HudiInstant Instant, HudiCommit Commit)> commits = [];
        foreach (HudiInstant instant in instants)
        {
            commits.Add((instant, await HudiCommit.ReadAsync(folder, instant, cancellationToken).ConfigureAwait(false)));
        }

        return commits;
    }

    /// <summary>
    /// Makes sure that no file is missing: the folder shows what is left of a table, and its cleaner deletes files that only older versions have.
    /// </summary>
    private static void EnsureWhole(
        TableFolder folder,
        HudiTimeline timeline,
        Dictionary<(string Partition, string Group), HudiSlice> slices,
        HashSet<(string Partition, string Group)> replaced,
        List<(HudiInstant Instant, HudiCommit Commit)> chosen,
        List<(HudiInstant Instant, HudiCommit Commit)> later)
    {
        foreach ((HudiInstant instant, HudiWrite write) in chosen.SelectMany(entry => entry.Commit.Writes.Select(write => (entry.Instant, write))))
        {
            (string Partition, string Group) group = (write.Partition, write.Group);
            if (replaced.Contains(group))
            {
                continue;
            }

            HudiSlice? slice = slices.GetValueOrDefault(group);
            if (write.IsBase && string.CompareOrdinal(slice?.Base?.Time, instant.Time) < 0)
            {
                throw Missing(folder, $"'{write.Path}', which the write {instant.Time} made");
            }

            EnsureLogs(folder, timeline, slice, instant, write);
        }

        HashSet<(string Partition, string Group)> made = [];
        foreach ((HudiInstant instant, HudiCommit commit) in later)
        {
            foreach (HudiWrite write in commit.Writes)
            {
                (string Partition, string Group) group = (write.Partition, write.Group);
                if (write.IsNew)
                {
                    made.Add(group);
                }
                else if (!made.Contains(group) && !slices.ContainsKey(group))
                {
                    throw Missing(folder, $"a file of the group '{write.Group}', which the later write {instant.Time} changed");
                }
            }

            foreach ((string Partition, string Group) group in commit.Replaced.Where(group => !made.Contains(group) && !slices.ContainsKey(group)))
            {
                throw Missing(folder, $"a file of the group '{group.Group}', which the later write {instant.Time} replaced");
            }
        }
    }

    /// <summary>Makes sure that the logs are there, with what a write told it had put into them.</summary>
    private static void EnsureLogs(TableFolder folder, HudiTimeline timeline, HudiSlice? slice, HudiInstant instant, HudiWrite write)
    {
        foreach (string path in write.Logs.Select(name => Path.Combine(write.Partition, name)).Append(write.Path))
        {
            if (HudiFile.Find(path) is not { IsLog: true } log || !HudiSlice.IsSince(log, slice?.Base, timeline))
            {
                continue;
            }

            if (slice?.Logs.FirstOrDefault(found => found.Path == log.Path) is null)
            {
                throw Missing(folder, $"the log '{log.Path}', which the write {instant.Time} names");
            }

            long size = path == write.Path ? new FileInfo(folder.Find(log.Path, "log")).Length : write.Size;
            if (size < write.Size)
            {
                throw folder.Refuse(
                    $"has the log '{log.Path}', which ends at offset {size}, where the write {instant.Time} left {write.Size} bytes. Restore it from a copy, or read an instant before it");
            }
        }
    }

    private static ForeignTableException Missing(TableFolder folder, string what) =>
        folder.Refuse($"lacks {what}: it was cleaned up, or lost. Read a newer instant, or restore the file from a copy");
}
