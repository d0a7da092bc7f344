namespace Lambda.Batch.History.Maintenance;

/// <summary>Which files of a table are put together.</summary>
internal static class CompactionPlan
{
    /// <summary>How many files are open at once.</summary>
    private const int MostFilesAtOnce = 200;

    /// <summary>Groups of at least two files of one date, each to become one file of about the target size or, if there is no more of the date, less.</summary>
    /// <param name="files">The table's files.</param>
    /// <param name="targetBytes">The size that files should have.</param>
    public static IReadOnlyList<IReadOnlyList<HistoryFile>> Of(IEnumerable<HistoryFile> files, long targetBytes)
    {
        List<IReadOnlyList<HistoryFile>> groups = [];
        foreach (IGrouping<string, HistoryFile> date in files.Where(file => file.Date is not null && IsSmall(file, targetBytes))
            .GroupBy(file => file.Date!, StringComparer.Ordinal).OrderBy(date => date.Key, StringComparer.Ordinal))
        {
            List<HistoryFile> group = [];
            long bytes = 0;
            foreach (HistoryFile file in date.OrderBy(file => file.FirstTime).ThenBy(file => file.Action.Path, StringComparer.Ordinal))
            {
                group.Add(file);
                bytes += file.Action.Size;
                if (bytes >= targetBytes || group.Count == MostFilesAtOnce)
                {
                    groups.Add(group);
                    (group, bytes) = ([], 0);
                }
            }

            groups.Add(group);
        }

        return [.. groups.Where(group => group.Count > 1)];
    }

    /// <summary>A file that is close to the target would be written again for little.</summary>
    private static bool IsSmall(HistoryFile file, long targetBytes) => file.Action.Size < targetBytes / 4 * 3;
}
