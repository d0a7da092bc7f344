using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Views.Comparing;

/// <summary>
/// Joins two sides of partials to sessions, and tells which sessions may not be the same on both. Where a session has the same events and states, bit for bit, and nothing of it was
/// refused or removed on either side, it need not be composed to see that it is the same.
/// </summary>
/// <param name="view">The view, which has sessions.</param>
internal sealed class SessionComparison(ViewDefinition view)
{
    private readonly PartialTable _one = PartialTable.Create(view, new StringDictionary());
    private readonly PartialTable _other = PartialTable.Create(view, new StringDictionary());

    // All partials of whichever side, and of those the ones that neither side simply has.
    private readonly PartialIntervals _all = new(view);
    private readonly List<PartialBatch> _uneven = [];

    /// <summary>How many sessions there are, whatever became of their events.</summary>
    public int Count => _all.Count;

    /// <summary>Adds partials. Those that came late are on neither side.</summary>
    public void Add(ComparedSide side, PartialBatch partials)
    {
        if (partials.Count == 0)
        {
            return;
        }

        if (side != ComparedSide.Neither && partials.Missed.Values.ContainsAnyExcept(0))
        {
            PartialBatch late = new(partials.Layout);
            PartialBatch inTime = new(partials.Layout);
            for (int row = 0; row < partials.Count; row++)
            {
                (partials.Missed[row] > 0 ? late : inTime).AddFrom(partials, row);
            }

            Add(ComparedSide.Neither, late);
            Add(side, inTime);
            return;
        }

        _all.Add(partials);
        switch (side)
        {
            case ComparedSide.One:
                _one.Merge(partials);
                break;
            case ComparedSide.Other:
                _other.Merge(partials);
                break;
            default:
                _uneven.Add(partials);
                break;
        }
    }

    /// <summary>The time of sessions that may differ, each with all that is connected with it.</summary>
    public PartialIntervals FindDifferent()
    {
        PartialIntervals different = new(view);
        foreach (PartialBatch partials in (PartialBatch[])[.. _uneven, .. Unequal()])
        {
            different.AddWhole(partials, _all);
        }

        return different;
    }

    /// <summary>The sessions of each side that the other one has not, or not the same.</summary>
    private PartialBatch[] Unequal()
    {
        PartialBatch one = Export(_one);
        PartialBatch other = Export(_other);
        GroupKeyTable keys = new(view.Keys, new StringDictionary());
        Dictionary<(int Key, long Start), int> rows = new(one.Count);
        for (int row = 0; row < one.Count; row++)
        {
            rows.Add((keys.FindOrAdd(one, row), one.Starts[row]), row);
        }

        PartialBatch ofOne = new(view.Layout);
        PartialBatch ofOther = new(view.Layout);
        for (int row = 0; row < other.Count; row++)
        {
            if (!rows.Remove((keys.FindOrAdd(other, row), other.Starts[row]), out int same) || !AreSame(one, same, other, row))
            {
                ofOther.AddFrom(other, row);
            }
        }

        foreach (int row in rows.Values)
        {
            ofOne.AddFrom(one, row);
        }

        return [ofOne, ofOther];
    }

    private PartialBatch Export(PartialTable side)
    {
        PartialBatch sessions = new(view.Layout);
        sessions.Reserve(side.Count);
        side.ExportSettled(sessions);
        return sessions;
    }

    private static bool AreSame(PartialBatch one, int oneRow, PartialBatch other, int otherRow)
    {
        if (one.Ends[oneRow] != other.Ends[otherRow] || one.EventCounts[oneRow] != other.EventCounts[otherRow])
        {
            return false;
        }

        for (int column = 0; column < one.States.Count; column++)
        {
            if (!one.States[column].HasSame(oneRow, other.States[column], otherRow))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Where partials of a comparison belong.</summary>
internal enum ComparedSide
{
    /// <summary>The first side has them.</summary>
    One,

    /// <summary>The other side has them.</summary>
    Other,

    /// <summary>They count in nothing, such as those of removed events: sessions that they touch may differ, whatever the sides say.</summary>
    Neither,
}
