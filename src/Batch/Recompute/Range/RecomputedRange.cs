using Lambda.Store;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Range;

/// <summary>The part of a generation's windows that is computed anew while all else is carried over.</summary>
/// <param name="Places">Per view, by its place in the plan, which partials are in the range.</param>
/// <param name="Stale">Per view and kind, what the generation has there, and loses.</param>
/// <param name="Computation">What was computed of the events of these windows, and of some around them.</param>
internal sealed record RecomputedRange(
    IReadOnlyList<RangePlace> Places, IReadOnlyDictionary<(int View, PartialKind Kind), PartialBatch> Stale, Computation Computation)
{
    /// <summary>What takes the place of the stale partials of a view and kind.</summary>
    public PartialBatch Fresh(int view, PartialKind kind)
    {
        PartialBatch computed = Computation.Partials.Collected(kind, view);
        PartialIntervals stale = new(Places[view].View);
        stale.Add(Stale[(view, kind)]);
        PartialBatch fresh = new(computed.Layout);
        for (int row = 0; row < computed.Count; row++)
        {
            // A session that only lies around the range may have been cut where the events that were read end; the generation has it whole.
            if (Places[view].Holds(computed, row) || (Places[view].GrowsWithEvents && stale.Touches(computed, row)))
            {
                fresh.AddFrom(computed, row);
            }
        }

        return fresh;
    }

    /// <summary>The partials of a view that go or come, whatever became of their events.</summary>
    public PartialBatch Around(int view)
    {
        PartialBatch all = new(Places[view].View.Layout);
        foreach (PartialKind kind in RangePlan.Kinds)
        {
            all.With(Stale[(view, kind)]).With(Fresh(view, kind));
        }

        return all;
    }
}
