using Lambda.Batch.Scan;
using Lambda.Windows;

namespace Lambda.Batch.Compute;

/// <summary>Stretches of time, as sorted intervals that do not touch.</summary>
internal sealed class TimeRegions
{
    private readonly long[] _starts;
    private readonly long[] _ends;

    /// <param name="spreads">The stretches in any order; they may overlap.</param>
    public TimeRegions(IEnumerable<TimeSpread> spreads)
    {
        List<long> starts = [];
        List<long> lasts = [];
        foreach (TimeSpread spread in spreads.Where(spread => spread.Min <= spread.Max).OrderBy(spread => spread.Min))
        {
            if (lasts.Count > 0 && spread.Min <= lasts[^1])
            {
                lasts[^1] = Math.Max(lasts[^1], spread.Max);
            }
            else
            {
                starts.Add(spread.Min);
                lasts.Add(spread.Max);
            }
        }

        _starts = [.. starts];
        _ends = [.. lasts];
    }

    /// <summary>Whether a window has an instant in one of the stretches.</summary>
    public bool Overlap(TimeWindow window)
    {
        // The last stretch that begins before the window ends is the one that reaches furthest.
        int place = Array.BinarySearch(_starts, window.MaxTimestamp);
        int last = place >= 0 ? place : ~place - 1;
        return last >= 0 && _ends[last] >= window.Start;
    }
}
