using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Views.Comparing;

/// <summary>
/// Joins two sides of partials to windows of a count, and tells which keys may not have the same ones on both. Where all windows of a key have the same events and states, bit for bit, and nothing
/// of it was removed, they need not be composed to see that they are the same.
/// </summary>
/// <param name="view">The view, whose windows are of a count.</param>
internal sealed class CountComparison(ViewDefinition view)
{
    private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());
    private readonly CountSide _one = new(view);
    private readonly CountSide _other = new(view);

    // A row of each key that may differ. A key is in it once.
    private readonly HashSet<int> _differentIds = [];
    private readonly PartialBatch _different = new(view.Layout);

    /// <summary>Adds partials, which must stay as they are.</summary>
    public void Add(ComparedSide side, PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            int key = _keys.FindOrAdd(partials, row);
            if (side == ComparedSide.Neither || partials.EventCounts[row] <= 0)
            {
                AddDifferent(key, partials, row);
            }
            else
            {
                (side == ComparedSide.One ? _one : _other).Add(key, partials, row);
            }
        }
    }

    /// <summary>The keys that may differ.</summary>
    public PartialKeys FindDifferent()
    {
        CountSide.Cursor one = _one.Walk();
        CountSide.Cursor other = _other.Walk();
        bool hasOne = one.MoveNext();
        bool hasOther = other.MoveNext();
        while (hasOne && hasOther)
        {
            int order = one.CompareTo(other);
            if (order != 0)
            {
                AddDifferent(order < 0 ? one : other);
            }
            else if (!_differentIds.Contains(one.Key) && !one.IsSameAs(other))
            {
                AddDifferent(one);
            }

            hasOne = order > 0 || one.MoveNext();
            hasOther = order < 0 || other.MoveNext();
        }

        for (; hasOne; hasOne = one.MoveNext())
        {
            AddDifferent(one);
        }

        for (; hasOther; hasOther = other.MoveNext())
        {
            AddDifferent(other);
        }

        PartialKeys different = new(view);
        different.Add(_different);
        return different;
    }

    /// <summary>How many windows the keys have that do not differ, on either side, of those that begin at an instant or later.</summary>
    public long CountSame(long start)
    {
        long count = 0;
        for (CountSide.Cursor window = _one.Walk(); window.MoveNext();)
        {
            count += window.Start >= start && !_differentIds.Contains(window.Key) ? 1 : 0;
        }

        return count;
    }

    private void AddDifferent(CountSide.Cursor window) => AddDifferent(window.Key, window.Partials, window.Row);

    private void AddDifferent(int key, PartialBatch partials, int row)
    {
        if (_differentIds.Add(key))
        {
            _different.AddFrom(partials, row);
        }
    }
}
