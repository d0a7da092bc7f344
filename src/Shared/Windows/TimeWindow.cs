namespace Lambda.Windows;

/// <summary>A half-open interval of event time, <c>[Start, End)</c>, in UTC microseconds.</summary>
/// <param name="Start">The first instant.</param>
/// <param name="End">The first instant after it.</param>
internal readonly record struct TimeWindow(long Start, long End)
{
    /// <summary>All of time.</summary>
    public static readonly TimeWindow All = new(long.MinValue, long.MaxValue);

    /// <summary>The last instant that belongs to the window.</summary>
    public long MaxTimestamp => End - 1;

    /// <summary>Whether no event of the window is expected any more: the watermark has reached its last instant.</summary>
    public bool IsComplete(long watermark) => watermark >= MaxTimestamp;

    /// <summary>Whether the window takes no event any more.</summary>
    public bool Refuses(long watermark, long allowedLateness) => watermark >= MaxTimestamp + allowedLateness;

    /// <summary>The least end of a window that still takes events.</summary>
    public static long LeastEndNotRefused(long watermark, long allowedLateness) => watermark - allowedLateness + 2;

    /// <summary>Whether the two have an instant in common.</summary>
    public bool Overlaps(TimeWindow other) => Start < other.End && End > other.Start;

    /// <summary>Whether the two overlap or one begins where the other ends.</summary>
    public bool Touches(TimeWindow other) => Start <= other.End && End >= other.Start;

    /// <summary>The smallest window that holds both.</summary>
    public TimeWindow Union(TimeWindow other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));
}
