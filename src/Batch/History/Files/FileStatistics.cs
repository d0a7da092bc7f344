using System.Buffers;
using System.Text.Json;

namespace Lambda.Batch.History.Files;

/// <summary>What a table's log tells about the rows of a file.</summary>
internal static class FileStatistics
{
    /// <summary>Row count, bounds and null counts of what encoders have seen since they began a file, as the table's log holds them.</summary>
    public static string Of(IReadOnlyList<ColumnEncoder> encoders, int rows)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteNumber("numRecords", rows);
        IReadOnlyList<ColumnEncoder> single = [.. encoders.Where(encoder => !encoder.IsRepeated)];
        IReadOnlyList<ColumnEncoder> bounded = [.. single.Where(encoder => encoder.HasBounds)];
        json.WritePropertyName("minValues");
        WriteByPath(json, bounded, depth: 0, encoder => encoder.WriteMin(json));
        json.WritePropertyName("maxValues");
        WriteByPath(json, bounded, depth: 0, encoder => encoder.WriteMax(json));
        json.WritePropertyName("nullCount");
        WriteByPath(json, single, depth: 0, encoder => json.WriteNumberValue(encoder.NullCount));
        json.WriteEndObject();
        json.Flush();
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes something about columns, those of objects in objects.</summary>
    private static void WriteByPath(Utf8JsonWriter json, IEnumerable<ColumnEncoder> columns, int depth, Action<ColumnEncoder> write)
    {
        json.WriteStartObject();
        foreach (IGrouping<string, ColumnEncoder> group in columns.GroupBy(column => column.Path[depth]))
        {
            json.WritePropertyName(group.Key);
            if (group.First() is var first && first.Path.Count == depth + 1)
            {
                write(first);
            }
            else
            {
                WriteByPath(json, group, depth + 1, write);
            }
        }

        json.WriteEndObject();
    }
}
