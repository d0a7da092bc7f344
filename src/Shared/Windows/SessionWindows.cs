using System.Xml;

namespace Lambda.Windows;

/// <summary>
/// Windows of one key that grow with its events: an event at t stands for <c>[t, t + Gap)</c>, and intervals that overlap or touch are one session.
/// </summary>
internal sealed class SessionWindows(long gap) : WindowSpec
{
    /// <summary>In microseconds, how long after its last event a session still takes one; positive.</summary>
    internal long Gap => gap;

    /// <summary>What an event stands for.</summary>
    internal TimeWindow IntervalOf(long eventTime) => new(eventTime, eventTime + gap);

    internal override string Form => "session";

    internal override string Size => XmlConvert.ToString(TimeSpan.FromMicroseconds(gap));

    internal override string Signature => $"session(gap={gap}us)";

    /// <summary>
    /// A session ends where an event would still join it: exactly the gap apart is one session. So the watermark has to have reached its end, not
    /// only its last instant.
    /// </summary>
    internal override bool IsComplete(TimeWindow window, long events, long watermark) => watermark >= window.End;

    /// <summary>The instants at which an event would extend a session.</summary>
    internal TimeWindow ReachOf(TimeWindow session) => new(session.Start - gap, session.End + 1);
}
