using System.Globalization;
using System.Xml;
using Lambda.Time;

namespace Lambda.Serving.Formats;

/// <summary>Instants and durations in requests and answers: ISO 8601, always UTC in answers.</summary>
internal static class Instants
{
    /// <summary>Fractions of a second only where there are any, down to the microsecond.</summary>
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    /// <summary>Reads an instant; one without an offset is taken as UTC.</summary>
    public static bool TryParse(string text, out long microseconds)
    {
        bool isRead = IsoInstant.TryParse(text, out DateTimeOffset instant);
        microseconds = isRead ? UtcMicroseconds.From(instant) : 0;
        return isRead;
    }

    /// <summary>Writes an instant.</summary>
    public static string ToText(long microseconds) => ToText(ToDateTimeOffset(microseconds));

    /// <inheritdoc cref="ToText(long)"/>
    public static string ToText(DateTimeOffset instant) => instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>An instant as a date. The first and the last window can reach over the ends of the calendar; they are shown cut there.</summary>
    public static DateTimeOffset ToDateTimeOffset(long microseconds) =>
        UtcMicroseconds.ToDateTimeOffset(Math.Clamp(microseconds, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue));

    /// <inheritdoc cref="ToDateTimeOffset(long)"/>
    public static DateTimeOffset? ToDateTimeOffset(long? microseconds) =>
        microseconds is { } value ? ToDateTimeOffset(value) : null;

    /// <summary>Writes a duration, for example <c>PT1H</c>.</summary>
    public static string ToText(TimeSpan duration) => XmlConvert.ToString(duration);
}
