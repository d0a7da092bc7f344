namespace Lambda.Windows;

/// <summary>
/// Windows in time as unions of slices, the intervals that partials are kept for. All instants of a slice belong to the same windows.
/// Implementations are immutable and safe for use by several threads at once.
/// </summary>
internal interface ISlicing
{
    /// <summary>Whether there are instants that belong to no window.</summary>
    bool HasGaps { get; }

    /// <summary>By how much a window can begin before a slice of it, at most; in microseconds.</summary>
    long Reach { get; }

    /// <summary>How SQL makes windows of slices.</summary>
    SqlWindows Sql { get; }

    /// <summary>Per event time the start of its slice.</summary>
    void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts);

    /// <summary>The end of the slice that starts at <paramref name="sliceStart"/>.</summary>
    long SliceEnd(long sliceStart);

    /// <summary>How many windows a slice belongs to; zero in a gap.</summary>
    int WindowCount(long sliceStart);

    /// <summary>The windows of a slice by position, the earliest first; positions run from 0 to <see cref="WindowCount"/>.</summary>
    TimeWindow WindowAt(long sliceStart, int position);

    /// <summary>From the start of the earliest to the end of the latest window that overlaps <paramref name="range"/>; empty when none does.</summary>
    TimeWindow SlicesOf(TimeWindow range);
}
