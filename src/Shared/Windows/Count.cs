
namespace Lambda.Windows;

/// <summary>Windows of so many events of one key, in the order of the log, such as the steps of a funnel.</summary>
public static class Count
{
    /// <summary>
    /// Windows that end with their <paramref name="events"/>th event, or when an event of the key is later than the first one plus
    /// <paramref name="timeout"/>, whichever comes first. Group by the member that the stream is partitioned by, as order exists only within a partition.
    /// No event is ever late; the watermark only tells that a window which is not full has timed out.
    /// </summary>
    /// <remarks>The number of events is positive, and the timeout a positive whole number of microseconds; a view refuses anything else.</remarks>
    public static WindowSpec Of(int events, TimeSpan timeout) => RefusedWindow.Unless(() => events > 0
        ? new CountWindows(
            events, Durations.Positive(timeout, "A count window cannot time out after {0}.", "Count.Of(3, timeout: TimeSpan.FromHours(1))"))
        : throw new DefinitionException($"A count window cannot be of {events} events. Give one or more, such as Count.Of(3, timeout: TimeSpan.FromHours(1))."));
}
