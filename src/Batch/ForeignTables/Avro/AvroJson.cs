using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>
/// Makes JSON of records, in which every plain value is text that DuckDB's casts make just that value of: as JSON has no decimals, times or NaN.
/// </summary>
/// <param name="schema">The schema of the records.</param>
/// <param name="columns">The fields that are asked for.</param>
internal sealed class AvroJson(AvroNode.Record schema, IReadOnlySet<string> columns)
{
    /// <summary>Nesting that no table has, and that a damaged record of a schema that lies in itself may have.</summary>
    private const int DeepestNesting = 64;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>The JSON of a record, which must fill its bytes.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public string Read(ReadOnlySpan<byte> record)
    {
        AvroBytes bytes = new(record);
        _buffer.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        writer.WriteStartObject();
        foreach ((string name, AvroNode type) in schema.Fields)
        {
            if (columns.Contains(name))
            {
                writer.WritePropertyName(name);
                Copy(ref bytes, type, writer, 0);
            }
            else
            {
                Copy(ref bytes, type, null, 0);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return bytes.Left == 0 ? Encoding.UTF8.GetString(_buffer.WrittenSpan) : throw new FormatException($"a record leaves {bytes.Left} of its bytes");
    }

    /// <summary>Reads a value, and writes it when there is a writer.</summary>
    private static void Copy(ref AvroBytes bytes, AvroNode type, Utf8JsonWriter? writer, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new FormatException("a record is nested too deeply");
        }

        switch (type)
        {
            case AvroNode.Union union:
                Copy(ref bytes, union.Options[bytes.Option(union.Options.Count)], writer, depth + 1);
                break;
            case AvroNode.Record record:
                writer?.WriteStartObject();
                foreach ((string name, AvroNode inner) in record.Fields)
                {
                    writer?.WritePropertyName(name);
                    Copy(ref bytes, inner, writer, depth + 1);
                }

                writer?.WriteEndObject();
                break;
            case AvroNode.Items items:
                writer?.WriteStartArray();
                CopyElements(ref bytes, items.Element, writer, depth);
                writer?.WriteEndArray();
                break;
            case AvroNode.Map map:
                // Maps are not read, so only what is behind them matters.
                for (long count = bytes.Count(); count > 0; count = bytes.Count())
                {
                    for (; count > 0; count--)
                    {
                        bytes.Bytes();
                        Copy(ref bytes, map.Value, null, depth + 1);
                    }
                }

                writer?.WriteNullValue();
                break;
            default:
                string? text = Text(ref bytes, type);
                writer?.WriteStringValue(text);
                break;
        }
    }

    private static void CopyElements(ref AvroBytes bytes, AvroNode element, Utf8JsonWriter? writer, int depth)
    {
        for (long count = bytes.Count(); count > 0; count = bytes.Count())
        {
            for (; count > 0; count--)
            {
                int before = bytes.Left;
                Copy(ref bytes, element, writer, depth + 1);
                if (bytes.Left == before)
                {
                    throw new FormatException("an array has elements that take no room");
                }
            }
        }
    }

    /// <summary>A plain value; null also for what is not read.</summary>
    private static string? Text(ref AvroBytes bytes, AvroNode type)
    {
        switch (type)
        {
            case AvroNode.Choice choice:
                return choice.Symbols[bytes.Option(choice.Symbols.Count)];
            case AvroNode.Fixed of:
                ReadOnlySpan<byte> taken = bytes.Take(of.Size);
                return of.Logical == "decimal" ? AvroDecimal.Text(taken, of.Scale) : null;
        }

        return ((AvroNode.Plain)type).Name switch
        {
            "boolean" => bytes.Boolean() ? "true" : "false",
            "int" => Integer(bytes.Int(), type.Logical),
            "long" => Integer(bytes.Long(), type.Logical),
            "float" => bytes.Float().ToString("R", CultureInfo.InvariantCulture),
            "double" => bytes.Double().ToString("R", CultureInfo.InvariantCulture),
            "string" => bytes.Text(),
            "bytes" => type.Logical == "decimal" ? AvroDecimal.Text(bytes.Bytes(), type.Scale) : Blob(bytes.Bytes()),
            _ => null,
        };
    }

    private static string? Integer(long value, string? logical) => logical switch
    {
        null => value.ToString(CultureInfo.InvariantCulture),
        "date" => AvroTimes.Date(value),
        "timestamp-micros" or "local-timestamp-micros" => AvroTimes.Microseconds(value),
        "timestamp-millis" or "local-timestamp-millis" => AvroTimes.Milliseconds(value),
        _ => null,
    };

    private static string Blob(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length * 4);
        foreach (byte each in bytes)
        {
            text.Append("\\x").Append(each.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
