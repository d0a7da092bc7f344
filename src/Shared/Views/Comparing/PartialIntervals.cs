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

    /// <summary>Whether there is no interval.</summary>
    public bool IsEmpty => _intervals.Count == 0;

    /// <summary>How many there are: those that overlap or touch are one.</summary>
    public int Count => _intervals.Values.Sum(intervals => intervals.Count);

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

    /// <summary>Adds for each partial the whole interval that others have around it.</summary>
    /// <param name="partials">The partials.</param>
    /// <param name="others">Has an interval around each of them.</param>
    public void AddWhole(PartialBatch partials, PartialIntervals others)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            Add(_keys.FindOrAdd(partials, row), others.Around(partials, row) ?? throw new InvalidOperationException("A partial lies in no interval."));
        }
    }

    /// <summary>Whether a partial overlaps or touches one of the same key.</summary>
    public bool Touches(PartialBatch partials, int row) => Around(partials, row) is not null;

    /// <summary>The partials that overlap or touch one of the same key.</summary>
    public PartialBatch Among(PartialBatch partials)
    {
        PartialBatch found = new(partials.Layout);
        for (int row = 0; row < partials.Count; row++)
        {
            if (Touches(partials, row))
            {
                found.AddFrom(partials, row);
            }
        }

        return found;
    }

    /// <summary>The interval of the same key that a partial overlaps or touches, the first of them; null when there is none.</summary>
    public TimeWindow? Around(PartialBatch partials, int row)
    {
        TimeWindow interval = IntervalOf(partials, row);
        return _intervals.TryGetValue(_keys.FindOrAdd(partials, row), out List<TimeWindow>? intervals)
            && FirstThatEndsAtOrAfter(intervals, interval.Start) is var first
            && first < intervals.Count
            && intervals[first].Touches(interval)
                ? intervals[first]
                : null;
    }

    /// <returns>Whether there is more than before.</returns>
    private bool AddOf(PartialBatch partials, int row) => Add(_keys.FindOrAdd(partials, row), IntervalOf(partials, row));

    private bool Add(int key, TimeWindow interval)
    {
        if (!_intervals.TryGetValue(key, out List<TimeWindow>? intervals))
        {
            _intervals[key] = intervals = [];
        }

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
