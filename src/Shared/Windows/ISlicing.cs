namespace Lambda.Windows;

/// <summary>
/// Windows in time as unions of slices, the finest intervals that partials are kept for. A slice belongs to the same windows as a whole.
/// </summary>
internal interface ISlicing
{
    /// <summary>How many windows a slice belongs to.</summary>
    int WindowsPerSlice { get; }

    /// <summary>Per event time the start of its slice.</summary>
    void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts);

    /// <summary>The end of the slice that starts at <paramref name="sliceStart"/>.</summary>
    long SliceEnd(long sliceStart);

    /// <summary>The windows of a slice by position, the earliest first; positions run from 0 to <see cref="WindowsPerSlice"/>.</summary>
    TimeWindow WindowAt(long sliceStart, int position);
}
