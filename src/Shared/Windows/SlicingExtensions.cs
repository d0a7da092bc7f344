namespace Lambda.Windows;

/// <summary>What follows from the windows of a slice, whose ends rise with their position.</summary>
internal static class SlicingExtensions
{
    /// <summary>
    /// How many of a slice's windows refuse an event at this watermark; always the earliest ones. As many as the slice has windows means that the
    /// event is late.
    /// </summary>
    public static int CountRefusals(this ISlicing slicing, long sliceStart, long watermark, long allowedLateness) =>
        watermark < long.MinValue + allowedLateness ? 0 : slicing.CountEnded(sliceStart, watermark - allowedLateness);

    /// <summary>How many of a slice's windows have their last instant at or before an instant.</summary>
    public static int CountEnded(this ISlicing slicing, long sliceStart, long instant)
    {
        int count = slicing.WindowCount(sliceStart);
        if (count == 0 || slicing.WindowAt(sliceStart, 0).MaxTimestamp > instant)
        {
            return 0;
        }

        // Invariant: the window at ended has ended, that at open has not; there is none at count, and a slice can have a million.
        int ended = 0;
        int open = count;
        while (open - ended > 1)
        {
            int middle = ended + ((open - ended) / 2);
            (ended, open) = slicing.WindowAt(sliceStart, middle).MaxTimestamp <= instant ? (middle, open) : (ended, middle);
        }

        return open;
    }

    /// <summary>How many of a slice's windows end at or before the start of a range; always the earliest ones.</summary>
    public static int CountEndedBefore(this ISlicing slicing, long sliceStart, TimeWindow range) =>
        range.Start == long.MinValue ? 0 : slicing.CountEnded(sliceStart, range.Start - 1);

    /// <summary>How many of a slice's windows begin before an instant; always the earliest ones.</summary>
    public static int CountBegun(this ISlicing slicing, long sliceStart, long instant)
    {
        // Invariant: all windows before begun begin before the instant, none from later on does.
        int begun = 0;
        int later = slicing.WindowCount(sliceStart);
        while (begun < later)
        {
            int middle = begun + ((later - begun) / 2);
            (begun, later) = slicing.WindowAt(sliceStart, middle).Start < instant ? (middle + 1, later) : (begun, middle);
        }

        return begun;
    }
}
