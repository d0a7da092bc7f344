using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lambda.Events.Json;

/// <summary>
/// JSON for people: only what a terminal would obey, or what ends a text, is escaped. The encoders of System.Text.Json escape every character beyond the basic
/// multilingual plane too, such as emoji, and cannot be told otherwise.
/// </summary>
internal static class ReadableJson
{
    private const int EscapeLength = 6;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as JSON.</summary>
    public static string Write<T>(T value) => WithPairs(JsonSerializer.Serialize(value, Relaxed));

    /// <summary>Has the characters in place of their pairs of escapes.</summary>
    private static string WithPairs(string json)
    {
        if (!json.Contains("\\u", StringComparison.Ordinal))
        {
            return json;
        }

        StringBuilder text = new(json.Length);
        ReadOnlySpan<char> left = json;
        while (left.IndexOf('\\') is >= 0 and int at)
        {
            text.Append(left[..at]);
            left = left[at..];
            if (TryReadEscape(left, out char high) && TryReadEscape(left[EscapeLength..], out char low) && char.IsSurrogatePair(high, low))
            {
                text.Append(high).Append(low);
                left = left[(2 * EscapeLength)..];
            }
            else
            {
                // The character after the backslash goes with it: it may be a backslash itself.
                text.Append(left[..2]);
                left = left[2..];
            }
        }

        return text.Append(left).ToString();
    }

    private static bool TryReadEscape(ReadOnlySpan<char> text, out char character)
    {
        bool isEscape = ushort.TryParse(
            text.Length >= EscapeLength && text.StartsWith("\\u", StringComparison.Ordinal) ? text[2..EscapeLength] : [],
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out ushort unit);
        character = (char)unit;
        return isEscape;
    }
}
