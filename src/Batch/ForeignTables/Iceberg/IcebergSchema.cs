using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>The columns of an Iceberg table, from the JSON of its metadata.</summary>
internal static partial class IcebergSchema
{
    /// <summary>Reads the fields of a struct, which a schema is too.</summary>
    public static IReadOnlyList<ForeignField> Fields(JsonElement of) => [.. of.GetProperty("fields").EnumerateArray().Select(Field)];

    private static ForeignField Field(JsonElement json)
    {
        int id = json.GetProperty("id").GetInt32();

        // Names are given anew to other columns, numbers never.
        ForeignField read = new(json.GetProperty("name").GetString()!, TypeOf(json.GetProperty("type")))
        {
            Id = id,
            NameInFiles = id.ToString(CultureInfo.InvariantCulture),
        };
        if (!json.TryGetProperty("initial-default", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return read;
        }

        return value.ValueKind is JsonValueKind.Object or JsonValueKind.Array || read.Type is not ForeignType.Scalar
            ? read with { Type = new ForeignType.Unread("a struct or array with a default") }
            : read with { Default = ParquetFiles.Text(value.ToString()) };
    }

    private static ForeignType TypeOf(JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.Object)
        {
            return type.GetProperty("type").GetString() switch
            {
                "struct" => new ForeignType.Struct(Fields(type)),
                "list" => new ForeignType.List(
                    new ForeignField("element", TypeOf(type.GetProperty("element"))) { Id = type.GetProperty("element-id").GetInt32() }),
                var other => new ForeignType.Unread(other ?? "null"),
            };
        }

        string name = type.GetString()!;

        // What an event holds ends at microseconds, so those of nanoseconds are cut.
        string? sql = name switch
        {
            "boolean" => "BOOLEAN",
            "int" => "INTEGER",
            "long" => "BIGINT",
            "float" => "FLOAT",
            "double" => "DOUBLE",
            "date" => "DATE",
            "timestamp" or "timestamp_ns" => "TIMESTAMP",
            "timestamptz" or "timestamptz_ns" => "TIMESTAMP WITH TIME ZONE",
            "string" => "VARCHAR",
            "uuid" => "UUID",
            "binary" => "BLOB",
            _ when DecimalPattern().Match(name) is { Success: true } match => $"DECIMAL({match.Groups[1].ValueSpan},{match.Groups[2].ValueSpan})",
            _ => null,
        };
        return sql is null ? new ForeignType.Unread(name) : new ForeignType.Scalar(sql);
    }

    [GeneratedRegex(@"^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$")]
    private static partial Regex DecimalPattern();
}
