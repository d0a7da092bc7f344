using System.Text.Json;
using Lambda.Batch.ForeignTables.Avro;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>The columns of a Hudi table, from a schema of Avro.</summary>
internal sealed class HudiSchema
{
    /// <summary>Columns of the format's own begin so.</summary>
    private const string OwnPrefix = "_hoodie_";

    /// <summary>Types that have a name, under which they may stand further on.</summary>
    private readonly Dictionary<string, ForeignType> _named = new(StringComparer.Ordinal);

    private HudiSchema()
    {
    }

    /// <summary>Reads the columns.</summary>
    /// <exception cref="ForeignTableException">The schema makes no sense.</exception>
    public static IReadOnlyList<ForeignField> Read(string schema, TableFolder folder)
    {
        try
        {
            return [.. ReadAll(schema).Where(column => !column.Name.StartsWith(OwnPrefix, StringComparison.Ordinal))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw folder.Refuse($"has a schema that makes no sense: {error.Message.TrimEnd('.')}. Restore its last commit from a copy", error);
        }
    }

    /// <summary>Reads the columns with the format's own.</summary>
    public static IReadOnlyList<ForeignField> ReadAll(string schema)
    {
        using JsonDocument document = JsonDocument.Parse(schema);
        return new HudiSchema().Fields(document.RootElement, "");
    }

    private List<ForeignField> Fields(JsonElement record, string around) =>
    [
        .. record.GetProperty("fields").EnumerateArray()
            .Select(each => new ForeignField(each.GetProperty("name").GetString()!, TypeOf(each.GetProperty("type"), AvroNames.SpaceOf(record, around)))),
    ];

    private ForeignType TypeOf(JsonElement type, string around)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            JsonElement[] options = [.. type.EnumerateArray().Where(option => option.ValueKind != JsonValueKind.String || option.GetString() != "null")];
            return options is [var only] ? TypeOf(only, around) : new ForeignType.Unread("a union");
        }

        if (type.ValueKind == JsonValueKind.String)
        {
            return Plain(type.GetString()!, around);
        }

        string name = type.GetProperty("type") is { ValueKind: JsonValueKind.String } inner ? inner.GetString()! : "";
        string? logical = type.TryGetProperty("logicalType", out JsonElement meaning) ? meaning.GetString() : null;
        ForeignType read = (name, logical) switch
        {
            ("", _) => TypeOf(type.GetProperty("type"), around),
            ("record", _) => new ForeignType.Struct(Fields(type, around)),
            ("array", _) => new ForeignType.List(new ForeignField("element", TypeOf(type.GetProperty("items"), around))),
            ("map", _) => new ForeignType.Unread("map"),
            ("enum", _) => new ForeignType.Scalar("VARCHAR"),
            ("long", "timestamp-micros" or "timestamp-millis") => new ForeignType.Scalar("TIMESTAMP WITH TIME ZONE"),
            ("long", "local-timestamp-micros" or "local-timestamp-millis") => new ForeignType.Scalar("TIMESTAMP"),
            ("int", "date") => new ForeignType.Scalar("DATE"),
            ("fixed" or "bytes", "decimal") => new ForeignType.Scalar(
                $"DECIMAL({type.GetProperty("precision").GetInt32()},{(type.TryGetProperty("scale", out JsonElement scale) ? scale.GetInt32() : 0)})"),
            ("string", "uuid") or (_, null) => Plain(name, around),
            _ => new ForeignType.Unread($"{name} ({logical})"),
        };
        if (type.TryGetProperty("name", out JsonElement given))
        {
            _named[AvroNames.Full(given.GetString()!, AvroNames.SpaceOf(type, around))] = read;
        }

        return read;
    }

    private ForeignType Plain(string name, string around) => name switch
    {
        "string" => new ForeignType.Scalar("VARCHAR"),
        "boolean" => new ForeignType.Scalar("BOOLEAN"),
        "int" => new ForeignType.Scalar("INTEGER"),
        "long" => new ForeignType.Scalar("BIGINT"),
        "float" => new ForeignType.Scalar("FLOAT"),
        "double" => new ForeignType.Scalar("DOUBLE"),
        "bytes" => new ForeignType.Scalar("BLOB"),
        _ => _named.GetValueOrDefault(AvroNames.Full(name, around)) ?? new ForeignType.Unread(name),
    };
}
