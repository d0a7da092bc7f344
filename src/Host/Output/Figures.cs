using System.Globalization;
using System.Text.Json;
using Lambda.Events.Json;

namespace Lambda.Hosting.Output;

/// <summary>How values of answers look in tables.</summary>
internal static class Figures
{
    /// <summary>The longest text of a cell. One key of thousands of characters would push all other columns out of sight.</summary>
    private const int LongestCell = 120;

    /// <summary>A number with its thousands told apart.</summary>
    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun.</summary>
    public static string Of(long number, string one, string several) => $"{Of(number)} {(number == 1 ? one : several)}";

    /// <summary>A rate of events.</summary>
    public static string Rate(double perSecond) => $"{Of((long)perSecond)} events/s";

    /// <summary>A duration.</summary>
    public static string Of(TimeSpan duration) => duration < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMinutes} min {duration.Seconds} s");

    /// <summary>
    /// A value of an answer as JSON, with the texts in it as people read them: answers escape what pages could take for markup, which a terminal shows as it is.
    /// </summary>
    public static string Json(JsonElement value) => ReadableJson.Write(value);

    /// <summary>A value of an answer.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out long whole) => Of(whole),
        JsonValueKind.Number when value.TryGetDouble(out double number) => Of(number),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Of)),
        JsonValueKind.Object => Structure(value),
        _ => value.GetRawText(),
    };

    /// <summary>
    /// A text as it fits into a cell: on one line, cut if it is long, and without characters that a terminal would obey, as keys come from whoever
    /// sends events.
    /// </summary>
    public static string Cell(string text)
    {
        string shown = Escape(text, char.IsControl);
        return shown.Length <= LongestCell
            ? shown
            : $"{shown[..(char.IsHighSurrogate(shown[LongestCell - 2]) ? LongestCell - 2 : LongestCell - 1)]}…";
    }

    /// <summary>A text of any number of lines, without characters that a terminal would obey. JSON stays the same JSON.</summary>
    public static string Printable(string text) => Escape(text, character => char.IsControl(character) && character is not ('\n' or '\r' or '\t'));

    private static string Escape(string text, Func<char, bool> isEscaped) => text.Any(isEscaped)
        ? string.Concat(text.Select(character => isEscaped(character) ? $"\\u{(int)character:X4}" : character.ToString()))
        : text;

    // Three places after the point say nothing of a small number, and hundreds of digits before it hide the rest of the row.
    private static string Of(double number) => number.ToString(
        number is 0 or (> -1e15 and <= -0.001) or (>= 0.001 and < 1e15) ? "#,##0.###" : "0.###E+0", CultureInfo.InvariantCulture);

    /// <summary>A result with parts: one of the most frequent values, a set, a histogram, or of a user's own type.</summary>
    private static string Structure(JsonElement value)
    {
        if (value.TryGetProperty("value", out JsonElement one) && value.TryGetProperty("count", out JsonElement count))
        {
            return $"{Of(one)} ({Of(count)})";
        }

        if (value.TryGetProperty("isCut", out JsonElement isCut) && value.TryGetProperty("values", out JsonElement values))
        {
            return Of(values) + (isCut.ValueKind == JsonValueKind.True ? ", …" : "");
        }

        return value.TryGetProperty("buckets", out JsonElement buckets) && buckets.ValueKind == JsonValueKind.Array
            ? string.Join(", ", buckets.EnumerateArray()
                .Where(bucket => bucket.GetProperty("count").GetInt64() > 0)
                .Select(bucket => $"{Of(bucket.GetProperty("from"))}..{Of(bucket.GetProperty("to"))}: {Of(bucket.GetProperty("count"))}"))
            : Json(value);
    }

    /// <summary>An interval of event time; what both ends share is said once.</summary>
    public static string Interval(JsonElement start, JsonElement end)
    {
        if (!start.TryGetDateTimeOffset(out DateTimeOffset from) || !end.TryGetDateTimeOffset(out DateTimeOffset to))
        {
            return $"{Of(start)} to {Of(end)}";
        }

        return (from.TimeOfDay, to.TimeOfDay) == (TimeSpan.Zero, TimeSpan.Zero) && to - from == TimeSpan.FromDays(1)
            ? from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : from.Date == to.Date
                ? $"{Instant(from)} to {Clock(to)}"
                : $"{Instant(from)} to {Instant(to)}";
    }

    private static string Text(string text) => text.Length >= 20 && text.EndsWith('Z') && DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) ? Instant(instant) : text;

    private static string Instant(DateTimeOffset instant) => $"{instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} {Clock(instant)}";

    private static string Clock(DateTimeOffset instant) => instant.UtcDateTime.ToString(
        instant.Ticks % TimeSpan.TicksPerMinute == 0 ? "HH:mm" : instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "HH:mm:ss" : "HH:mm:ss.FFFFFF",
        CultureInfo.InvariantCulture);
}
