using Lambda.Time;

namespace Lambda.Windows;

/// <summary>One window that holds every event.</summary>
public static class AllTime
{
    /// <summary>The window from 0001-01-01 to 9999-12-31. It is never complete, and no event is ever late for it.</summary>
    public static WindowSpec Window { get; } = new SlicedWindows("all-time", "all time", "all-time", new OneSlice());

    private sealed class OneSlice : ISlicing
    {
        private static readonly TimeWindow Whole = new(UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue + 1);

        public bool HasGaps => false;

        public long Reach => 0;

        public SqlWindows Sql { get; } = new(SqlWindowRule.AllTime);

        public void AssignSlices(ReadOnlySpan<long> eventTimes, Span<long> sliceStarts) => sliceStarts[..eventTimes.Length].Fill(Whole.Start);

        public long SliceEnd(long sliceStart) => Whole.End;

        public int WindowCount(long sliceStart) => 1;

        public TimeWindow WindowAt(long sliceStart, int position) => Whole;

        public TimeWindow SlicesOf(TimeWindow range) => TimeWindow.All;
    }
}
