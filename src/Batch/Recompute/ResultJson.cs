using System.Buffers;
using System.Text;
using System.Text.Json;
using Lambda.Events;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Keys;

namespace Lambda.Batch.Recompute;

/// <summary>Keys and results as JSON objects, their values as <see cref="ResultValue"/> has them.</summary>
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
                ResultValue.Write(json, key.Parts[i]);
            }
        }
    });

    /// <summary>The results of a window, by the names of the aggregates.</summary>
    public static string Results(ViewDefinition view, WindowRow row) => Write(json =>
    {
        for (int i = 0; i < view.Aggregates.Count; i++)
        {
            json.WritePropertyName(view.Aggregates[i].Name);
            ResultValue.Write(json, row.Results[i]);
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
}
