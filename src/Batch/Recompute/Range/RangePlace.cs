using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Range;

/// <summary>Which partials of a view a range of event times takes.</summary>
/// <param name="View">The view.</param>
/// <param name="Times">The range, of a view with windows of slices as far as the slices at its ends reach.</param>
internal sealed record RangePlace(ViewDefinition View, TimeWindow Times)
{
    /// <summary>Whether windows reach as far as their events, so that one at the end of the range is computed from events beyond it.</summary>
    public bool GrowsWithEvents => View.Window is SessionWindows;

    /// <summary>The place of a range in a view.</summary>
    public static RangePlace Of(ViewDefinition view, TimeWindow range)
    {
        if (view.Window is not SlicedWindows { Slicing: var slicing })
        {
            return new RangePlace(view, range);
        }

        Span<long> starts = stackalloc long[2];
        slicing.AssignSlices([range.Start, range.MaxTimestamp], starts);
        return new RangePlace(view, new TimeWindow(Math.Min(starts[0], range.Start), Math.Max(slicing.SliceEnd(starts[1]), range.End)));
    }

    /// <summary>Whether a partial is in the range; of a session, whether it touches it, as an event in the range could be part of it.</summary>
    public bool Holds(PartialBatch partials, int row)
    {
        TimeWindow interval = new(partials.Starts[row], partials.Ends[row]);
        return GrowsWithEvents ? interval.Touches(Times) : interval.Start >= Times.Start && interval.End <= Times.End;
    }
}
