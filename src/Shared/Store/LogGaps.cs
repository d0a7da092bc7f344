using Lambda.Log;

namespace Lambda.Store;

/// <summary>What accepted gaps allow readers of the log.</summary>
internal static class LogGaps
{
    /// <summary>The offsets from <paramref name="next"/> on that the log has lost, less accepted ones at their beginning; empty when there are none.</summary>
    public static OffsetRange Lost(IEnumerable<LogGap> gaps, int partition, long next, long logStart)
    {
        OffsetRange missing = new(next, logStart);
        return missing.IsEmpty ? missing : missing with { Start = ResumeAt(gaps, partition, missing) };
    }

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
