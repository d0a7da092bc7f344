using Lambda.Log;

namespace Lambda.Store;

/// <summary>What accepted gaps allow a reader of the log.</summary>
internal static class AcceptedGaps
{
    /// <summary>
    /// Where a reader may go on that has met missing offsets: behind those at the beginning of the range that were accepted; at its beginning when none were.
    /// </summary>
    public static long ResumeAt(IEnumerable<LogGap> gaps, int partition, OffsetRange missing)
    {
        long end = missing.Start;
        foreach (LogGap gap in gaps.Where(gap => gap.Partition == partition).OrderBy(gap => gap.Offsets.Start))
        {
            if (gap.Offsets.Start > end)
            {
                break;
            }

            end = Math.Max(end, gap.Offsets.End);
        }

        // What the log has after all is read.
        return Math.Min(end, missing.End);
    }
}
