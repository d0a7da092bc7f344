using System.Globalization;

namespace Lambda.Time;

/// <summary>
/// Reads instants of requests and commands: ISO 8601, with a blank in place of the T too. Whatever else .NET reads means other days to other people, as <c>1.2.2001</c> does, or
/// another one each day, as <c>10:00</c>.
/// </summary>
internal static class IsoInstant
{
    private static readonly string[] Accepted =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Reads an instant; one without an offset is taken as UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset instant) => DateTimeOffset.TryParseExact(
        text, Accepted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
}
