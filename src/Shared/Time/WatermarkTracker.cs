namespace Lambda.Time;

/// <summary>
/// The watermark of one partition: the highest event time seen, less the out-of-orderness that the stream allows, less one microsecond. It says
/// that no event at or before it is expected any more. As in Apache Flink's bounded out-of-orderness strategy.
/// </summary>
internal sealed class WatermarkTracker(long outOfOrderness, long? maxEventTime)
{
    /// <summary>The watermark of a partition without events: below every instant.</summary>
    public const long None = long.MinValue;

    /// <summary>The highest event time seen, in UTC microseconds; null before the first event.</summary>
    public long? MaxEventTime { get; private set; } = maxEventTime;

    /// <summary>The watermark that belongs to a highest event time.</summary>
    public static long Of(long? maxEventTime, long outOfOrderness) =>
        maxEventTime is { } max ? max - outOfOrderness - 1 : None;

    /// <summary>
    /// Sees events in the order of their offsets; per event gives the watermark as it stood before it, which is what judges the event.
    /// </summary>
    public void Advance(ReadOnlySpan<long> eventTimes, Span<long> watermarksBefore)
    {
        long watermark = Of(MaxEventTime, outOfOrderness);
        long max = MaxEventTime ?? long.MinValue;
        for (int i = 0; i < eventTimes.Length; i++)
        {
            watermarksBefore[i] = watermark;
            if (eventTimes[i] > max)
            {
                max = eventTimes[i];
                watermark = max - outOfOrderness - 1;
            }
        }

        if (eventTimes.Length > 0)
        {
            MaxEventTime = max;
        }
    }
}
