namespace Lambda.Windows;

/// <summary>
/// Windows of one size that begin at regular distances. A slide is cut in two where windows end, the fewest slices there can be: with
/// <c>rest = size mod slide</c>, the slices of the slide at s are <c>[s, s + rest)</c>, of ⌈size / slide⌉ windows, and <c>[s + rest, s + slide)</c>, of
/// ⌊size / slide⌋. (S. Krishnamurthy, C. Wu, M. Franklin: <i>On-the-fly sharing for streamed aggregation</i>, SIGMOD 2006, calls them paired windows.)
/// When the slide is longer than the size, the second is a gap. Tumbling windows are those whose slide is their size.
/// </summary>
/// <remarks>
/// The start of a slide is that of Apache Flink's <c>TimeWindow.getWindowStartWithOffset</c>: <c>r = (t − offset) mod slide; start = t − r, or
/// t − r − slide when r &lt; 0</c>.
/// </remarks>
internal sealed class SlidingSlicing : ISlicing
{
    /// <summary>After this many events of one slice it is worth while to look for the end of them with vectors.</summary>
    private const int FewEvents = 8;

    private readonly long _size;
    private readonly long _slide;
    private readonly long _offset;
    private readonly long _rest;

    /// <param name="size">The length of a window in microseconds; positive.</param>
    /// <param name="slide">The distance between the starts of windows in microseconds; positive.</param>
    /// <param name="offset">Where windows start, counted from the epoch.</param>
    public SlidingSlicing(long size, long slide, long offset)
    {
        _size = size;
        _slide = slide;
        _offset = offset % slide;
        _rest = slide > size ? size : size % slide;
    }

    public bool HasGaps => _slide > _size;

    public long Reach => _size - (_rest > 0 ? _rest : _slide);

    public SqlWindows Sql => _size == _slide ? new(SqlWindowRule.Slice) : new(SqlWindowRule.Slides, _size, _slide, _offset);

    public void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts)
    {
        // Events mostly come in order of time, so that most fall into the slice of the one before them, and whole stretches into one.
        for (int i = 0; i < eventTimes.Length;)
        {
            (long start, long end) = SliceOf(eventTimes[i]);
            int next = i + 1;
            int near = Math.Min(eventTimes.Length, next + FewEvents);
            while (next < near && eventTimes[next] >= start && eventTimes[next] < end)
            {
                next++;
            }

            if (next == near)
            {
                int length = eventTimes[next..].IndexOfAnyExceptInRange(start, end - 1);
                next = length < 0 ? eventTimes.Length : next + length;
            }

            sliceStarts[i..next].Fill(start);
            i = next;
        }
    }

    public long SliceEnd(long sliceStart)
    {
        long start = SlideStart(sliceStart);
        return _rest > 0 && sliceStart == start ? start + _rest : start + _slide;
    }

    public int WindowCount(long sliceStart)
    {
        long whole = _size / _slide;
        return (int)(_rest > 0 && SlideStart(sliceStart) == sliceStart ? whole + 1 : whole);
    }

    public TimeWindow WindowAt(long sliceStart, int position)
    {
        long latest = SlideStart(sliceStart);
        long start = latest - ((WindowCount(sliceStart) - 1 - position) * _slide);
        return new TimeWindow(start, start + _size);
    }

    public TimeWindow SlicesOf(TimeWindow range)
    {
        // Ranges may reach from one end of time to the other, where nothing can be added; sizes, slides and offsets are less than an eighth of that.
        const long Far = long.MaxValue / 2;
        return new TimeWindow(
            range.Start < -Far ? long.MinValue : SlideStart(range.Start - _size) + _slide,
            range.End > Far ? long.MaxValue : SlideStart(range.End - 1) + _size);
    }

    private (long Start, long End) SliceOf(long time)
    {
        long start = SlideStart(time);
        long end = start + _slide;
        long middle = start + _rest;
        return _rest == 0 ? (start, end) : time < middle ? (start, middle) : (middle, end);
    }

    private long SlideStart(long time)
    {
        long remainder = (time - _offset) % _slide;
        return remainder < 0 ? time - remainder - _slide : time - remainder;
    }
}
