namespace Lambda.Batch.History.Reading;

/// <summary>A half-open range of event times, <c>[Start, End)</c>, in UTC microseconds.</summary>
/// <param name="Start">The first instant in the range.</param>
/// <param name="End">The first instant after it.</param>
internal readonly record struct EventTimeRange(long Start, long End)
{
    /// <summary>Every event time there is.</summary>
    public static EventTimeRange All { get; } = new(long.MinValue, long.MaxValue);
}
