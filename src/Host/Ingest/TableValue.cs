using System.Collections;
using System.Globalization;
using System.Text.Json;
using Lambda.Batch.ForeignTables;
using Lambda.Events;

namespace Lambda.Hosting.Ingest;

/// <summary>Writes values of a column of a table of others as a member of JSON objects.</summary>
internal abstract class TableValue
{
    /// <summary>Makes the writer for a column that fits a member.</summary>
    public static TableValue Of(EventMember member, ForeignType type) => type switch
    {
        ForeignType.Struct of => new Group([.. of.Fields.Select(inner =>
            member.Children.First(child => child.JsonName.Equals(inner.Name, StringComparison.OrdinalIgnoreCase)) is var child
                ? (inner.Name, JsonEncodedText.Encode(child.JsonName), Of(child, inner.Type))
                : default)]),
        ForeignType.List of => new Array(Of(member.Element, of.Element.Type)),
        ForeignType.Scalar { Name: "DATE" } when member.PlainType == typeof(DateOnly) => new Date(),
        ForeignType.Scalar scalar when scalar.Name.StartsWith("DECIMAL", StringComparison.Ordinal) => new Exact(),
        _ => new Plain(),
    };

    /// <summary>Writes a value, which may be null.</summary>
    public void Write(Utf8JsonWriter writer, object? value)
    {
        if (value is null or DBNull)
        {
            writer.WriteNullValue();
        }
        else
        {
            WriteValue(writer, value);
        }
    }

    protected abstract void WriteValue(Utf8JsonWriter writer, object value);

    private sealed class Plain : TableValue
    {
        protected override void WriteValue(Utf8JsonWriter writer, object value)
        {
            switch (value)
            {
                case string text:
                    writer.WriteStringValue(text);
                    break;
                case bool flag:
                    writer.WriteBooleanValue(flag);
                    break;
                case DateTime instant:
                    // The table's rows are read with UTC as the time zone, also where the file has none.
                    writer.WriteStringValue(DateTime.SpecifyKind(instant, DateTimeKind.Utc));
                    break;
                case DateOnly date:
                    writer.WriteStringValue(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
                    break;
                case Guid identifier:
                    writer.WriteStringValue(identifier);
                    break;
                case double number:
                    WriteDouble(writer, number);
                    break;
                case float number:
                    WriteDouble(writer, number);
                    break;
                case ulong number:
                    writer.WriteNumberValue(number);
                    break;
                default:
                    writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
            }
        }

        private static void WriteDouble(Utf8JsonWriter writer, double number)
        {
            if (double.IsFinite(number))
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                // JSON has no number for it; the record is quarantined and shows why.
                writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private sealed class Date : TableValue
    {
        protected override void WriteValue(Utf8JsonWriter writer, object value) =>
            writer.WriteStringValue(((DateOnly)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    /// <summary>Decimals come as text, with all their digits.</summary>
    private sealed class Exact : TableValue
    {
        protected override void WriteValue(Utf8JsonWriter writer, object value) => writer.WriteRawValue((string)value);
    }

    private sealed class Array(TableValue element) : TableValue
    {
        protected override void WriteValue(Utf8JsonWriter writer, object value)
        {
            writer.WriteStartArray();
            foreach (object? item in (IEnumerable)value)
            {
                element.Write(writer, item);
            }

            writer.WriteEndArray();
        }
    }

    private sealed class Group(IReadOnlyList<(string Name, JsonEncodedText JsonName, TableValue Value)> fields) : TableValue
    {
        protected override void WriteValue(Utf8JsonWriter writer, object value)
        {
            IDictionary values = (IDictionary)value;
            writer.WriteStartObject();
            foreach ((string name, JsonEncodedText jsonName, TableValue of) in fields)
            {
                writer.WritePropertyName(jsonName);
                of.Write(writer, values[name]);
            }

            writer.WriteEndObject();
        }
    }
}
