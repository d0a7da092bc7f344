using System.Xml;

namespace Lambda.Windows;

/// <summary>
/// Windows of one key that hold so many events in the order of the log. A window opens with an event, ends with its <see cref="Events"/>th, and takes
/// none that is later than its first one plus the timeout: such an event opens the next window.
/// </summary>
internal sealed class CountWindows(int events, long timeout) : WindowSpec
{
    /// <summary>How many events fill a window; positive.</summary>
    internal int Events => events;

    /// <summary>In microseconds, how much later than the first event the others may be; positive.</summary>
    internal long Timeout => timeout;

    internal override string Form => "count";

    internal override string Size => $"{events} events within {XmlConvert.ToString(TimeSpan.FromMicroseconds(timeout))}";

    internal override string Signature => $"count(events={events},timeout={timeout}us)";

    /// <summary>The window that the first event opens. An event at exactly the timeout is still in it.</summary>
    internal TimeWindow WindowOf(long firstEventTime) => new(firstEventTime, firstEventTime + timeout + 1);

    /// <summary>Whether an event joins an open window.</summary>
    internal bool Takes(TimeWindow window, long held, long eventTime) => held < events && eventTime < window.End;

    internal override bool IsComplete(TimeWindow window, long events, long watermark) => events >= Events || window.IsComplete(watermark);
}
