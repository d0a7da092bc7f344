namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>What a file group is at a point of the past.</summary>
/// <param name="Base">Its newest whole file; null when it has none yet.</param>
/// <param name="Logs">The logs with changes since, in their order.</param>
internal sealed record HudiSlice(HudiFile? Base, IReadOnlyList<HudiFile> Logs)
{
    /// <summary>Whether a log's changes are not in a whole file already.</summary>
    /// <param name="log">The log.</param>
    /// <param name="whole">The file; null for none.</param>
    /// <param name="timeline">The writes.</param>
    public static bool IsSince(HudiFile log, HudiFile? whole, HudiTimeline timeline) =>
        whole is null || string.CompareOrdinal(timeline.HasCompletionTimes ? Completion(log, timeline) : log.Time, whole.Time) >= 0;

    /// <summary>Finds the slices of all file groups.</summary>
    /// <param name="files">All files.</param>
    /// <param name="timeline">The writes.</param>
    /// <param name="folder">The table.</param>
    public static Dictionary<(string Partition, string Group), HudiSlice> Find(IReadOnlyList<HudiFile> files, HudiTimeline timeline, TableFolder folder)
    {
        Dictionary<(string Partition, string Group), HudiSlice> slices = [];
        foreach (IGrouping<(string Partition, string Group), HudiFile> group in files.GroupBy(file => (file.Partition, file.Group)))
        {
            HudiFile? whole = group.Where(file => !file.IsLog && timeline.Counts(file.Time)).MaxBy(file => file.Time, StringComparer.Ordinal);

            // In version 6 the name of a log has the time of the file it belongs to, and its blocks tell their writes.
            HudiFile[] logs =
            [
                .. group.Where(file => file.IsLog && (!timeline.HasCompletionTimes || timeline.Counts(file.Time)) && IsSince(file, whole, timeline))
                    .OrderBy(log => timeline.HasCompletionTimes ? Completion(log, timeline) : log.Time, StringComparer.Ordinal)
                    .ThenBy(log => log.Number.Version).ThenBy(log => log.Number.Token, StringComparer.Ordinal),
            ];
            EnsureOneOrder(logs, folder);
            EnsureKnown(group, whole, timeline, folder);
            if (whole is not null || logs.Length > 0)
            {
                slices[group.Key] = new HudiSlice(whole, logs);
            }
        }

        return slices;
    }

    private static string Completion(HudiFile log, HudiTimeline timeline) => timeline.CompletionOf(log.Time) ?? log.Time;

    /// <summary>
    /// Refuses logs of writers that overlapped: the format orders them by when they were completed, its engine by when they were begun, and either may be what others read.
    /// </summary>
    private static void EnsureOneOrder(HudiFile[] logs, TableFolder folder)
    {
        for (int i = 1; i < logs.Length; i++)
        {
            if (string.CompareOrdinal(logs[i - 1].Time, logs[i].Time) > 0)
            {
                throw folder.Unsupported(
                    $"logs of writes to one file group at the same time ('{logs[i - 1].Path}' and '{logs[i].Path}')", "Have the engine compact the table, and read it then.");
            }
        }
    }

    /// <summary>
    /// Refuses logs of writes that were begun before the whole file and of which the timeline no longer tells whether they were completed before it, so are in it.
    /// </summary>
    private static void EnsureKnown(IEnumerable<HudiFile> group, HudiFile? whole, HudiTimeline timeline, TableFolder folder)
    {
        HudiFile? unknown = whole is null || !timeline.HasCompletionTimes ? null
            : group.FirstOrDefault(file =>
                file.IsLog && timeline.Counts(file.Time) && timeline.CompletionOf(file.Time) is null && string.CompareOrdinal(file.Time, whole.Time) < 0);
        if (unknown is not null)
        {
            throw folder.Unsupported(
                $"the log '{unknown.Path}' of a write that its timeline no longer tells, which may or may not be in '{whole!.Path}'",
                "Have the engine compact and clean the table, and read it then.");
        }
    }
}
