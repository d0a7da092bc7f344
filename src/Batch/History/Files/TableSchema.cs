using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lambda.Batch.History.Files;

/// <summary>The columns of a table, and their form in a Delta log.</summary>
internal sealed class TableSchema
{
    /// <summary>The partition column of every table here: a date in UTC.</summary>
    public const string DateColumn = "_date";

    private const string DecimalMark = "lambda.type";
    private const string DecimalNote = "An exact decimal as text; CAST it AS DECIMAL to calculate.";

    /// <summary>Delta forbids these in names of tables without column mapping, because Parquet readers choke on them.</summary>
    private static readonly SearchValues<char> ForbiddenInNames = SearchValues.Create(" ,;{}()\n\t=");

    private readonly Dictionary<string, TableField> _byName;

    public TableSchema(IReadOnlyList<TableField> fields)
    {
        Fields = fields;
        _byName = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
    }

    /// <summary>The columns that lie in files, in order.</summary>
    public IReadOnlyList<TableField> Fields { get; }

    /// <summary>The column of a name; null when there is none.</summary>
    public TableField? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What a member name must not be; null when it may be a column's.</summary>
    public static string? ProblemOfName(string name) =>
        name.Length == 0 ? "is empty"
        : name.StartsWith('_') ? "begins with '_', as only the table's own columns do"
        : name.AsSpan().ContainsAny(ForbiddenInNames) ? "contains one of the characters that Delta forbids (space , ; { } ( ) = tab, line feed)"
        : null;

    /// <summary>The schema as Delta's metadata holds it, the partition column included.</summary>
    public string ToDeltaJson()
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteString("type", "struct");
        json.WriteStartArray("fields");
        foreach (TableField field in Fields)
        {
            Write(json, field);
        }

        Write(json, new TableField(DateColumn, FieldType.Date, IsNullable: false));
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a schema that <see cref="ToDeltaJson"/> wrote.</summary>
    /// <param name="json">The schema.</param>
    /// <param name="table">The table, as messages name it.</param>
    /// <exception cref="HistoryException">The table has columns of types that no event has: it was written by something else.</exception>
    public static TableSchema Parse(string json, string table)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return new TableSchema([
                .. document.RootElement.GetProperty("fields").EnumerateArray().Select(field => Parse(field, table))
                    .Where(field => field.Name != DateColumn)]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HistoryException($"The schema of the Delta table '{table}' cannot be read: {e.Message}", e);
        }
    }

    private static TableField Parse(JsonElement field, string table)
    {
        bool isDecimal = field.TryGetProperty("metadata", out JsonElement notes) && notes.TryGetProperty(DecimalMark, out _);
        return Parse(
            field.GetProperty("name").GetString()!, field.GetProperty("type"), field.GetProperty("nullable").GetBoolean(), isDecimal, table);
    }

    private static TableField Parse(string name, JsonElement type, bool isNullable, bool isDecimal, string table)
    {
        string? kind = type.ValueKind == JsonValueKind.Object ? type.GetProperty("type").GetString() : null;
        return kind switch
        {
            "struct" => new TableField(name, FieldType.Struct, isNullable)
            {
                Children = [.. type.GetProperty("fields").EnumerateArray().Select(child => Parse(child, table))],
            },
            "array" => new TableField(name, FieldType.List, isNullable)
            {
                // Only columns of objects have notes; those of an array speak of its elements.
                Children =
                [
                    Parse(TableField.ElementName, type.GetProperty("elementType"), type.GetProperty("containsNull").GetBoolean(), isDecimal, table),
                ],
            },
            _ => new TableField(name, PlainType(name, type, isDecimal, table), isNullable),
        };
    }

    private static FieldType PlainType(string name, JsonElement type, bool isDecimal, string table) =>
        (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
        {
            "boolean" => FieldType.Boolean,
            "integer" => FieldType.Integer,
            "long" => FieldType.Long,
            "double" => FieldType.Double,
            "timestamp" => FieldType.Timestamp,
            "date" => FieldType.Date,
            "string" => isDecimal ? FieldType.DecimalText : FieldType.String,
            "binary" => FieldType.Binary,
            _ => throw new HistoryException(
                $"Column '{name}' of the Delta table '{table}' has type {type}, which no event has. The folder holds a table of something else; "
                + "give the history another folder."),
        };

    private static void Write(Utf8JsonWriter json, TableField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WritePropertyName("type");
        WriteType(json, field);
        json.WriteBoolean("nullable", field.IsNullable);
        json.WriteStartObject("metadata");
        if (field.Type == FieldType.DecimalText || field is { Type: FieldType.List, Children: [{ Type: FieldType.DecimalText }] })
        {
            json.WriteString("comment", DecimalNote);
            json.WriteString(DecimalMark, "decimal");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, TableField field)
    {
        if (field.Type == FieldType.Struct)
        {
            json.WriteStartObject();
            json.WriteString("type", "struct");
            json.WriteStartArray("fields");
            foreach (TableField child in field.Children)
            {
                Write(json, child);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
        else if (field.Type == FieldType.List)
        {
            json.WriteStartObject();
            json.WriteString("type", "array");
            json.WritePropertyName("elementType");
            WriteType(json, field.Children[0]);
            json.WriteBoolean("containsNull", field.Children[0].IsNullable);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStringValue(PlainName(field));
        }
    }

    private static string PlainName(TableField field) => field.Type switch
    {
        FieldType.Boolean => "boolean",
        FieldType.Integer => "integer",
        FieldType.Long => "long",
        FieldType.Double => "double",
        FieldType.Timestamp => "timestamp",
        FieldType.Date => "date",
        FieldType.String or FieldType.DecimalText => "string",
        FieldType.Binary => "binary",
        _ => throw new InvalidOperationException($"Unknown type of column {field}."),
    };
}
