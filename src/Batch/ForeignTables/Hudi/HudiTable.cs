using Lambda.Batch.History;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>Reads the timeline of a Hudi table, and finds the newest file of each file group.</summary>
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
        HudiFile[] files = [.. HudiFile.List(folder)];
        Dictionary<(string Partition, string Group), HudiFile> newest = Newest(files, timeline);
        HashSet<(string Partition, string Group)> replaced = [.. chosen.SelectMany(write => write.Commit.Replaced)];
        EnsureWhole(folder, newest, replaced, chosen, later);
        EnsureWithoutLogs(folder, properties, timeline, files, newest, replaced);
        return new ForeignTable
        {
            Name = folder.Name,
            Version = timeline.Chosen is [.., var last] ? $"instant {last.Time}" : "without any write",
            Columns = (chosen.Select(write => write.Commit.Schema).LastOrDefault(told => !string.IsNullOrEmpty(told)) ?? properties.Schema) is { } schema
                ? HudiSchema.Read(schema, folder)
                : throw folder.Refuse("does not tell its columns in any commit of its timeline. Have the engine write to it once"),
            Files =
            [
                .. newest.Where(entry => !replaced.Contains(entry.Key)).OrderBy(entry => entry.Value.Path, StringComparer.Ordinal)
                    .Select(entry => new ForeignFile(folder.Find(entry.Value.Path, "data file"))),
            ],
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

    private static Dictionary<(string Partition, string Group), HudiFile> Newest(HudiFile[] files, HudiTimeline timeline)
    {
        Dictionary<(string Partition, string Group), HudiFile> newest = [];
        foreach (HudiFile file in files.Where(file => !file.IsLog && timeline.Counts(file.Time)))
        {
            if (!newest.TryGetValue((file.Partition, file.Group), out HudiFile? known) || string.CompareOrdinal(known.Time, file.Time) < 0)
            {
                newest[(file.Partition, file.Group)] = file;
            }
        }

        return newest;
    }

    /// <summary>
    /// Makes sure that no file is missing: the folder shows what is left of a table, and its cleaner deletes files that only older versions have.
    /// </summary>
    private static void EnsureWhole(
        TableFolder folder,
        Dictionary<(string Partition, string Group), HudiFile> newest,
        HashSet<(string Partition, string Group)> replaced,
        List<(HudiInstant Instant, HudiCommit Commit)> chosen,
        List<(HudiInstant Instant, HudiCommit Commit)> later)
    {
        foreach ((HudiInstant instant, HudiWrite write) in chosen.SelectMany(entry => entry.Commit.Writes.Select(write => (entry.Instant, write))))
        {
            (string Partition, string Group) group = (write.Partition, write.Group);
            if (write.IsBase && !replaced.Contains(group) && string.CompareOrdinal(newest.GetValueOrDefault(group)?.Time, instant.Time) < 0)
            {
                throw Missing(folder, $"'{write.Path}', which the write {instant.Time} made");
            }
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
                else if (!made.Contains(group) && !newest.ContainsKey(group))
                {
                    throw Missing(folder, $"a file of the group '{write.Group}', which the later write {instant.Time} changed");
                }
            }

            foreach ((string Partition, string Group) group in commit.Replaced.Where(group => !made.Contains(group) && !newest.ContainsKey(group)))
            {
                throw Missing(folder, $"a file of the group '{group.Group}', which the later write {instant.Time} replaced");
            }
        }
    }

    /// <summary>Refuses file groups with changes that are not in their newest file yet.</summary>
    private static void EnsureWithoutLogs(
        TableFolder folder,
        HudiProperties properties,
        HudiTimeline timeline,
        HudiFile[] files,
        Dictionary<(string Partition, string Group), HudiFile> newest,
        HashSet<(string Partition, string Group)> replaced)
    {
        foreach (HudiFile log in files.Where(file => file.IsLog && !replaced.Contains((file.Partition, file.Group))))
        {
            string? whole = newest.GetValueOrDefault((log.Partition, log.Group))?.Time;
            bool counts = properties.HasCompletionTimes
                ? timeline.Counts(log.Time) && (whole is null || string.CompareOrdinal(timeline.CompletionOf(log.Time) ?? log.Time, whole) > 0)
                : string.CompareOrdinal(log.Time, whole) >= 0;
            if (counts)
            {
                throw folder.Unsupported(
                    $"changes in logs that are not yet merged into its files ('{log.Path}')",
                    "Have the engine compact the table, and read it then, or an instant right after a compaction.");
            }
        }
    }

    private static ForeignTableException Missing(TableFolder folder, string what) =>
        folder.Refuse($"lacks {what}: it was cleaned up, or lost. Read a newer instant, or restore the file from a copy");
}
