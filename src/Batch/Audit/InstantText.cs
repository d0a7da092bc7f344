using System.Globalization;
using Lambda.Time;

namespace Lambda.Batch.Audit;

/// <summary>Instants as reports show them.</summary>
internal static class InstantText
{
    /// <summary>An instant in ISO 8601, in UTC; the nearest one that has such a text.</summary>
    public static string Of(long microseconds) =>
        UtcMicroseconds.ToDateTime(Math.Clamp(microseconds, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
