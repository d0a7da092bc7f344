using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Comparing;

/// <summary>The time that some partials of a view take up, by key; tells other partials by it.</summary>
internal sealed class PartialIntervals(ViewDefinition view)
{
    private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());

    // In order of time; no two of a key overlap or touch.
    private readonly Dictionary<int, List<TimeWindow>> _intervals = [];

    /// <summary>Adds the intervals of partials.</summary>
    public void Add(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            AddOf(partials, row);
        }
    }

    /// <summary>Adds the intervals of partials, and gives those of them that reached beyond what was there of their key.</summary>
    public PartialBatch AddBeyond(PartialBatch partials)
    {
        PartialBatch beyond = new(partials.Layout);
        for (int row = 0; row < partials.Count; row++)
        {
            if (AddOf(partials, row))
            {
                beyond.AddFrom(partials, row);
            }
        }

        return beyond;
    }

    /// <summary>Whether a partial overlaps or touches one of the same key.</summary>
    public bool Touches(PartialBatch partials, int row)
    {
        TimeWindow interval = IntervalOf(partials, row);
        return _intervals.TryGetValue(_keys.FindOrAdd(partials, row), out List<TimeWindow>? intervals)
            && FirstThatEndsAtOrAfter(intervals, interval.Start) is var first
            && first < intervals.Count
            && intervals[first].Touches(interval);
    }

    /// <returns>Whether there is more than before.</returns>
    private bool AddOf(PartialBatch partials, int row)
    {
        int key = _keys.FindOrAdd(partials, row);
        if (!_intervals.TryGetValue(key, out List<TimeWindow>? intervals))
        {
            _intervals[key] = intervals = [];
        }

        TimeWindow interval = IntervalOf(partials, row);
        int first = FirstThatEndsAtOrAfter(intervals, interval.Start);
        if (first < intervals.Count && intervals[first].Start <= interval.Start && intervals[first].End >= interval.End)
        {
            return false;
        }

        int end = first;
        for (; end < intervals.Count && intervals[end].Touches(interval); end++)
        {
            interval = interval.Union(intervals[end]);
        }

        intervals.RemoveRange(first, end - first);
        intervals.Insert(first, interval);
        return true;
    }

    private static int FirstThatEndsAtOrAfter(List<TimeWindow> intervals, long instant)
    {
        int low = 0;
        int high = intervals.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (intervals[middle].End < instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static TimeWindow IntervalOf(PartialBatch partials, int row) => new(partials.Starts[row], partials.Ends[row]);
}
