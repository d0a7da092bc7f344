using System.Globalization;
using Lambda.Log;

namespace Lambda.Batch.History.Appending;

/// <summary>Which partitions of a run a table still lacks: a run that was appended before, in whole or for some partitions, is not again.</summary>
internal static class RunPlan
{
    /// <summary>The name under which a table notes how far it contains a partition.</summary>
    public static string AppId(string stream, int partition) => string.Create(CultureInfo.InvariantCulture, $"{stream}/{partition}");

    /// <summary>Compares a run with what a table contains.</summary>
    /// <param name="transactions">The table's end offsets, by application.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="ranges">By partition, the offsets that the run covers, whether there is an event at each or not.</param>
    /// <param name="table">The table, as messages name it.</param>
    /// <returns>The partitions to append, in order.</returns>
    /// <exception cref="HistoryException">A range begins before the table's end and ends after it, or leaves offsets out.</exception>
    public static SortedSet<int> Pending(
        IReadOnlyDictionary<string, long> transactions, string stream, IReadOnlyDictionary<int, OffsetRange> ranges, string table)
    {
        SortedSet<int> pending = [];
        foreach ((int partition, OffsetRange range) in ranges)
        {
            bool isKnown = transactions.TryGetValue(AppId(stream, partition), out long end);
            if (range.IsEmpty || (isKnown && range.End <= end))
            {
                continue;
            }

            if (isKnown && range.Start != end)
            {
                throw new HistoryException(
                    $"The history '{table}' contains partition {partition} up to offset {end}, but the run covers {range}: it would "
                    + (range.Start < end ? "double" : "leave out")
                    + $" offsets {new OffsetRange(Math.Min(range.Start, end), Math.Max(range.Start, end))}. Nothing was written. "
                    + $"Read the log again from offset {end}.");
            }

            pending.Add(partition);
        }

        return pending;
    }
}
