using System.Text.Json;
using Lambda.Time;

namespace Lambda.Events.Json;

/// <summary>Reads instants as ISO 8601-1:2019 extended strings; one without an offset is taken as UTC. Parts of a microsecond are cut.</summary>
internal static class JsonTimestamp
{
    /// <summary>The instant of a JSON string in UTC microseconds; false when it is none, or lies outside of the years 1 to 9999.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, out long microseconds)
    {
        // DateTimeOffset would take a time without an offset as the machine's own, DateTime would convert one with an offset to it; the machine's
        // time zone must not decide what an event means.
        if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTime(out DateTime value))
        {
            if (value.Kind != DateTimeKind.Local)
            {
                microseconds = UtcMicroseconds.FromDateTime(value);
                return true;
            }

            if (reader.TryGetDateTimeOffset(out DateTimeOffset offsetValue))
            {
                microseconds = UtcMicroseconds.From(offsetValue);
                return true;
            }
        }

        microseconds = 0;
        return false;
    }
}
