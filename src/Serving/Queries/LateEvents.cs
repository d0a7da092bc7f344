using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>How many events are late: refused by every window that they belong to.</summary>
internal static class LateEvents
{
    /// <summary>
    /// Counts those of the windows that overlap a range. An event that some of its overlapping windows took is not late, and one that all of them refused
    /// is so once.
    /// </summary>
    /// <param name="form">The form of the windows.</param>
    /// <param name="range">The range.</param>
    /// <param name="speed">Partials of the speed layer.</param>
    /// <param name="ofWindows">How many the windows that overlap the range refused, all together.</param>
    public static long Count(WindowSpec form, WindowRange range, PartialBatch speed, long ofWindows)
    {
        if (form is not SlicedWindows { Slicing: { } slicing })
        {
            return ofWindows;
        }

        TimeWindow wanted = new(range.From, range.To);
        long events = 0;
        for (int row = 0; row < speed.Count; row++)
        {
            long start = speed.Starts[row];
            int count = slicing.WindowCount(start);
            if (speed.Missed[row] == count
                && slicing.WindowAt(start, 0).Union(slicing.WindowAt(start, count - 1)).Overlaps(wanted))
            {
                events += speed.EventCounts[row];
            }
        }

        return events;
    }
}
