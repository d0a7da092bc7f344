using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lambda.Batch.Audit.Data;

/// <summary>Some rows for a report, each as a JSON object with its position where it has one.</summary>
internal static class SampleRows
{
    private const int MaxRows = 5;
    private const int MaxLength = 4_000;

    /// <summary>The first rows of a query.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(EventRelation relation, string query, CancellationToken cancellationToken)
    {
        // Of a name that is a column's too, that column would be shown in place of the row.
        string row = ParquetFiles.Name($"row {Guid.NewGuid():N}");
        IReadOnlyList<object?[]> rows = await relation.QueryAsync(
            $"SELECT to_json({row})::VARCHAR FROM ({query} LIMIT {MaxRows.ToString(CultureInfo.InvariantCulture)}) AS {row}", cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(values => Bounded((string)values[0]!))];
    }

    /// <summary>The row, or what identifies it when it is too long; DuckDB writes NaN and the infinities as no JSON has them.</summary>
    private static string Bounded(string row)
    {
        if (row.Length <= MaxLength && IsJson(row))
        {
            return row;
        }

        JsonObject part = [];
        if (IsJson(row) && JsonNode.Parse(row) is JsonObject whole)
        {
            foreach ((string name, JsonNode? value) in whole)
            {
                string text = value?.ToJsonString() ?? "null";
                part[name] = text.Length <= 100 ? value?.DeepClone() : $"{Cut(text, 100)}… ({text.Length} characters)";
            }
        }

        return part.Count > 0 && part.ToJsonString() is { Length: <= MaxLength } cut
            ? cut
            : new JsonObject { ["row"] = Cut(row, MaxLength) }.ToJsonString();
    }

    private static string Cut(string text, int length) => text.Length <= length
        ? text
        : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
