using System.Globalization;
using Lambda.Time;

namespace Lambda.Batch.History;

/// <summary>A point of a history's past: now, a version, or an instant.</summary>
internal abstract record HistoryPoint
{
    private HistoryPoint()
    {
    }

    /// <summary>The newest version.</summary>
    public static HistoryPoint Now { get; } = new Newest();

    /// <summary>Reads a number of a version, such as <c>12</c>, or an instant such as <c>2026-01-31T12:00:00Z</c>, in UTC where it does not say.</summary>
    /// <returns>Null when it is neither.</returns>
    public static HistoryPoint? Parse(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? new AtVersion(version)
        : IsoInstant.TryParse(text, out DateTimeOffset instant) ? new AtTime(instant) : null;

    /// <summary>A version.</summary>
    /// <param name="Number">Its number.</param>
    internal sealed record AtVersion(long Number) : HistoryPoint;

    /// <summary>The version that was the newest at an instant.</summary>
    /// <param name="Instant">The instant, in UTC.</param>
    internal sealed record AtTime(DateTimeOffset Instant) : HistoryPoint;

    private sealed record Newest : HistoryPoint;
}
