namespace Lambda.Batch.ForeignTables.Hudi.Logs;

/// <summary>Which blocks of a file group's logs count.</summary>
internal static class LogBlocks
{
    /// <summary>
    /// The blocks of completed writes that were not taken back, each write's together, in the order of the writes.
    /// </summary>
    /// <param name="blocks">All blocks, in the order of the logs.</param>
    /// <param name="counts">Whether a write was completed.</param>
    /// <param name="folder">The table.</param>
    /// <exception cref="ForeignTableException">A block that counts is not whole, or not read.</exception>
    public static IReadOnlyList<LogBlock> Choose(IReadOnlyList<LogBlock> blocks, Func<string, bool> counts, TableFolder folder)
    {
        OrderedDictionary<string, List<LogBlock>> writes = new(StringComparer.Ordinal);
        List<LogBlock> damaged = [];
        HashSet<string> takenBack = new(StringComparer.Ordinal);
        foreach (LogBlock block in blocks)
        {
            if (block.Damage is not null)
            {
                damaged.Add(block);
            }
            else if (block.Kind == LogBlock.Command)
            {
                EnsureRead(block, folder);
                takenBack.Add(block.Target!);
                writes.Remove(block.Target!);
            }
            else if (block.Instant is not { } instant)
            {
                throw folder.Refuse($"has a block in the log {block.Place} that does not tell the write it is of. Restore the log from a copy, or read an instant before it");
            }
            else if (counts(instant))
            {
                EnsureRead(block, folder);
                writes.TryAdd(instant, []);
                writes[instant].Add(block);
            }
        }

        // A write that breaks off leaves such a block behind, and is not completed. One that cannot be told, or was completed, had rows.
        if (damaged.Find(block => block.Instant is not { } instant || (counts(instant) && !takenBack.Contains(instant))) is { } lost)
        {
            throw folder.Refuse(
                $"has a block in the log {lost.Place} that is damaged: {lost.Damage}. Restore the log from a copy, or read an instant before it, or have the engine compact the table");
        }

        return [.. writes.Values.SelectMany(write => write)];
    }

    private static void EnsureRead(LogBlock block, TableFolder folder)
    {
        if (block.Unread is { } what)
        {
            throw folder.Unsupported($"{what} in the log {block.Place}", "Have the engine compact the table, and read it then, or an instant right after a compaction.");
        }
    }
}
