using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Which partials the windows of a range are made of.</summary>
internal static class SliceRange
{
    /// <summary>A range that holds every slice of the windows that overlap <paramref name="windows"/>; all of time where windows have no slices.</summary>
    public static WindowRange Of(WindowSpec form, WindowRange windows)
    {
        if (form is not SlicedWindows sliced)
        {
            return WindowRange.All;
        }

        TimeWindow slices = sliced.Slicing.SlicesOf(new TimeWindow(windows.From, windows.To));
        return new WindowRange(slices.Start, slices.End);
    }
}
