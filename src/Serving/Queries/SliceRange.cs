using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Which slices the windows of a range are made of.</summary>
internal static class SliceRange
{
    /// <summary>
    /// A window that overlaps the range holds a slice that does, and its other slices lie within its size, less a slice, of that one.
    /// </summary>
    public static WindowRange Of(ISlicing slicing, WindowRange windows)
    {
        TimeWindow window = slicing.WindowAt(0, 0);
        long margin = window.End - window.Start - slicing.SliceEnd(0);
        return new WindowRange(
            windows.From < long.MinValue + margin ? long.MinValue : windows.From - margin,
            windows.To > long.MaxValue - margin ? long.MaxValue : windows.To + margin);
    }
}
