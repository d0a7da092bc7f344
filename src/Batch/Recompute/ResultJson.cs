using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lambda.Events;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Keys and results as JSON objects. Integers of any size and decimals are exact numbers; what JSON has no number for (NaN, infinities) is a string;
/// instants are ISO 8601 in UTC, bytes base64.
/// </summary>
internal static class ResultJson
{
    /// <summary>A group key, by the names of its parts.</summary>
    public static string Key(ViewDefinition view, GroupKey key) => Write(json =>
    {
        for (int i = 0; i < view.Keys.Count; i++)
        {
            json.WritePropertyName(view.Keys[i].Name);
            if (view.Keys[i].Type == ColumnType.Timestamp && key.Parts[i] is long microseconds)
            {
                json.WriteStringValue(UtcMicroseconds.ToDateTime(microseconds));
            }
            else
            {
                WriteValue(json, key.Parts[i]);
            }
        }
    });

    /// <summary>The results of a window, by the names of the aggregates.</summary>
    public static string Results(ViewDefinition view, WindowRow row) => Write(json =>
    {
        for (int i = 0; i < view.Aggregates.Count; i++)
        {
            json.WritePropertyName(view.Aggregates[i].Name);
            WriteValue(json, row.Results[i]);
        }
    });

    private static string Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(128);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case Int128 number:
                json.WriteRawValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            default:
                // A result type of a user's own aggregator.
                JsonSerializer.Serialize(json, value, value.GetType());
                break;
        }
    }
}
