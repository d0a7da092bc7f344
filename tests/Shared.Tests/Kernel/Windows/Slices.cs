using Lambda.Windows;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>How a form of windows cuts time, read one instant at a time.</summary>
internal static class Slices
{
    public static ISlicing Of(WindowSpec windows) => ((SlicedWindows)windows).Slicing;

    public static ISlicing OfSliding(long size, long slide, long offset = 0) => Of(Sliding.Every(
        TimeSpan.FromMicroseconds(slide), TimeSpan.FromMicroseconds(size), TimeSpan.FromMicroseconds(offset)));

    /// <summary>The slice that an instant lies in.</summary>
    public static TimeWindow SliceOf(this ISlicing slicing, long time)
    {
        long[] starts = new long[1];
        slicing.AssignSlices([time], starts);
        return new TimeWindow(starts[0], slicing.SliceEnd(starts[0]));
    }

    /// <summary>The windows that an instant lies in, the earliest first, as <c>start..end</c>.</summary>
    public static string WindowsOf(this ISlicing slicing, long time)
    {
        long slice = slicing.SliceOf(time).Start;
        return string.Join(' ', Enumerable.Range(0, slicing.WindowCount(slice)).Select(position => slicing.WindowAt(slice, position)).Select(Text));
    }

    public static string Text(TimeWindow window) => $"{window.Start}..{window.End}";
}
