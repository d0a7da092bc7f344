namespace Lambda.Windows;

/// <summary>A half-open interval of event time, <c>[Start, End)</c>, in UTC microseconds.</summary>
/// <param name="Start">The first instant.</param>
/// <param name="End">The first instant after it.</param>
internal readonly record struct TimeWindow(long Start, long End)
{
    /// <summary>The last instant that belongs to the window.</summary>
    public long MaxTimestamp => End - 1;

    /// <summary>Whether no event of the window is expected any more: the watermark has reached its last instant.</summary>
    public bool IsComplete(long watermark) => watermark >= MaxTimestamp;

    /// <summary>Whether the window takes no event any more.</summary>
    public bool Refuses(long watermark, long allowedLateness) => watermark >= MaxTimestamp + allowedLateness;
}
