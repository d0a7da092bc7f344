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
        string name = field.GetProperty("name").GetString()!;
        JsonElement type = field.GetProperty("type");
        bool isDecimal = field.TryGetProperty("metadata", out JsonElement notes) && notes.TryGetProperty(DecimalMark, out _);
        FieldType? known = (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
        {
            "boolean" => FieldType.Boolean,
            "integer" => FieldType.Integer,
            "long" => FieldType.Long,
            "double" => FieldType.Double,
            "timestamp" => FieldType.Timestamp,
            "date" => FieldType.Date,
            "string" => isDecimal ? FieldType.DecimalText : FieldType.String,
            "binary" => FieldType.Binary,
            _ => null,
        };
        return known is { } fieldType
            ? new TableField(name, fieldType, field.GetProperty("nullable").GetBoolean())
            : throw new HistoryException(
                $"Column '{name}' of the Delta table '{table}' has type {type}, which no event has. The folder holds a table of something else; "
                + "give the history another folder.");
    }

    private static void Write(Utf8JsonWriter json, TableField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("type", field.Type switch
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
        });
        json.WriteBoolean("nullable", field.IsNullable);
        json.WriteStartObject("metadata");
        if (field.Type == FieldType.DecimalText)
        {
            json.WriteString("comment", DecimalNote);
            json.WriteString(DecimalMark, "decimal");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
