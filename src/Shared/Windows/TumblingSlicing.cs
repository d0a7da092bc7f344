namespace Lambda.Windows;

/// <summary>
/// Tumbling windows: a slice is a window. Start of the window of t, as Apache Flink's <c>TimeWindow.getWindowStartWithOffset</c> defines it:
/// <c>r = (t − offset) mod size; start = t − r, or t − r − size when r &lt; 0</c>.
/// </summary>
internal sealed class TumblingSlicing(long size, long offset) : ISlicing
{
    public int WindowsPerSlice => 1;

    public void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts)
    {
        // Events mostly come in order of time, so that most fall into the window of the one before them.
        long start = 0;
        long end = 0;
        for (int i = 0; i < eventTimes.Length; i++)
        {
            long time = eventTimes[i];
            if (time < start || time >= end)
            {
                long remainder = (time - offset) % size;
                start = remainder < 0 ? time - remainder - size : time - remainder;
                end = start + size;
            }

            sliceStarts[i] = start;
        }
    }

    public long SliceEnd(long sliceStart) => sliceStart + size;

    public TimeWindow WindowAt(long sliceStart, int position) => new(sliceStart, sliceStart + size);
}
