using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Comparing;

/// <summary>The intervals that some partials of a view have, by key; tells those of other partials that touch them.</summary>
internal sealed class PartialIntervals(ViewDefinition view)
{
    private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());
    private readonly Dictionary<int, List<TimeWindow>> _intervals = [];

    /// <summary>Adds those of partials.</summary>
    public void Add(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            int key = _keys.FindOrAdd(partials, row);
            if (!_intervals.TryGetValue(key, out List<TimeWindow>? intervals))
            {
                _intervals[key] = intervals = [];
            }

            intervals.Add(IntervalOf(partials, row));
        }
    }

    /// <summary>Whether a partial overlaps or touches one of the same key.</summary>
    public bool Touches(PartialBatch partials, int row) =>
        _intervals.TryGetValue(_keys.FindOrAdd(partials, row), out List<TimeWindow>? intervals)
        && intervals.Exists(IntervalOf(partials, row).Touches);

    private static TimeWindow IntervalOf(PartialBatch partials, int row) => new(partials.Starts[row], partials.Ends[row]);
}
