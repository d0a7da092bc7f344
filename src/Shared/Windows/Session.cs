
namespace Lambda.Windows;

/// <summary>Windows of activity: per key, from an event to the last one that follows another within a gap.</summary>
public static class Session
{
    /// <summary>
    /// Sessions that end when no event of the key follows for longer than <paramref name="gap"/>; events exactly the gap apart are in one session. A
    /// session is <c>[first event, last event + gap)</c>. Sessions that an event out of order connects become one.
    /// </summary>
    /// <remarks>The gap is a positive whole number of microseconds; a view refuses any other.</remarks>
    public static WindowSpec WithGap(TimeSpan gap) => RefusedWindow.Unless(() => new SessionWindows(
        Durations.Positive(gap, "A session cannot have a gap of {0}.", "Session.WithGap(TimeSpan.FromMinutes(30))")));
}
