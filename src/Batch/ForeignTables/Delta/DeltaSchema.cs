using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lambda.Batch.ForeignTables.Delta;

/// <summary>The columns of a Delta table, from the JSON that its metadata have.</summary>
internal static partial class DeltaSchema
{
    /// <summary>Reads the columns.</summary>
    /// <param name="schema">The schema as JSON.</param>
    /// <param name="isMapped">Whether files know columns by other names.</param>
    /// <param name="folder">The table.</param>
    public static IReadOnlyList<ForeignField> Read(string schema, bool isMapped, TableFolder folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema);
            return Fields(document.RootElement, isMapped);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw folder.Refuse($"has a schema that makes no sense: {error.Message.TrimEnd('.')}. Restore its log from a copy", error);
        }
    }

    private static List<ForeignField> Fields(JsonElement of, bool isMapped)
    {
        List<ForeignField> fields = [];
        foreach (JsonElement field in of.GetProperty("fields").EnumerateArray())
        {
            string name = field.GetProperty("name").GetString()!;
            ForeignType type = TypeOf(field.GetProperty("type"), isMapped);
            fields.Add(isMapped && field.GetProperty("metadata") is var metadata
                ? new ForeignField(name, type)
                {
                    Id = metadata.GetProperty("delta.columnMapping.id").GetInt32(),
                    NameInFiles = metadata.GetProperty("delta.columnMapping.physicalName").GetString()!,
                }
                : new ForeignField(name, type));
        }

        return fields;
    }

    private static ForeignType TypeOf(JsonElement type, bool isMapped)
    {
        if (type.ValueKind == JsonValueKind.Object)
        {
            return type.GetProperty("type").GetString() switch
            {
                "struct" => new ForeignType.Struct(Fields(type, isMapped)),
                "array" => new ForeignType.List(new ForeignField("element", TypeOf(type.GetProperty("elementType"), isMapped))),
                var other => new ForeignType.Unread(other ?? "null"),
            };
        }

        string name = type.GetString()!;
        string? sql = name switch
        {
            "string" => "VARCHAR",
            "long" => "BIGINT",
            "integer" => "INTEGER",
            "short" => "SMALLINT",
            "byte" => "TINYINT",
            "float" => "FLOAT",
            "double" => "DOUBLE",
            "boolean" => "BOOLEAN",
            "binary" => "BLOB",
            "date" => "DATE",
            "timestamp" => "TIMESTAMP WITH TIME ZONE",
            "timestamp_ntz" => "TIMESTAMP",
            _ when DecimalPattern().Match(name) is { Success: true } match => $"DECIMAL({match.Groups[1].ValueSpan},{match.Groups[2].ValueSpan})",
            _ => null,
        };
        return sql is null ? new ForeignType.Unread(name) : new ForeignType.Scalar(sql);
    }

    [GeneratedRegex(@"^decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)$")]
    private static partial Regex DecimalPattern();
}
