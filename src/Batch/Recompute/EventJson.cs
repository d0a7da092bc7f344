using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lambda.Events;
using Lambda.Time;

namespace Lambda.Batch.Recompute;

/// <summary>Writes events from their columns as the JSON objects they came as, unknown members aside.</summary>
internal static class EventJson
{
    /// <summary>A row as a JSON object.</summary>
    public static byte[] Write(EventBatch batch, int row)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using Utf8JsonWriter json = new(buffer);
        Write(json, batch, row);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a row as a JSON object.</summary>
    public static void Write(Utf8JsonWriter json, EventBatch batch, int row) => WriteObject(json, batch, batch.Projection.Schema.Members, row);

    /// <summary>A member's value as the text of a record key; empty for null.</summary>
    public static byte[] Key(Column column, int row) => IsNull(column, row) ? [] : column switch
    {
        TextColumn text => text.Utf8(row).ToArray(),
        DictionaryColumn strings => strings.Dictionary.Utf8(strings.Ids[row]).ToArray(),
        Column<bool> values => values.Values[row] ? "true"u8.ToArray() : "false"u8.ToArray(),
        Column<long> { Member.Type: ColumnType.Timestamp } values => Encoding.UTF8.GetBytes(
            UtcMicroseconds.ToDateTime(values.Values[row]).ToString("O", CultureInfo.InvariantCulture)),
        Column<int> values => Text(values.Values[row]),
        Column<long> values => Text(values.Values[row]),
        Column<double> values => Text(values.Values[row]),
        Column<decimal> values => Text(values.Values[row]),
        _ => throw Unknown(column),
    };

    private static void WriteObject(Utf8JsonWriter json, EventBatch batch, IReadOnlyList<EventMember> members, int index)
    {
        json.WriteStartObject();
        foreach (EventMember member in members)
        {
            bool isCarried = member.Kind != MemberKind.List || batch[member.Element] is not null;
            if (isCarried && batch[member] is { } column)
            {
                json.WritePropertyName(member.JsonName);
                Write(json, batch, column, index);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, EventBatch batch, ListColumn list, int index)
    {
        json.WriteStartArray();
        Column elements = batch[list.Member.Element]!;
        for (int i = 0; i < list.Lengths[index]; i++)
        {
            Write(json, batch, elements, list.Starts[index] + i);
        }

        json.WriteEndArray();
    }

    /// <param name="json">Where to.</param>
    /// <param name="batch">The events.</param>
    /// <param name="column">A column of them.</param>
    /// <param name="row">The row, or for what lies in an array the element.</param>
    private static void Write(Utf8JsonWriter json, EventBatch batch, Column column, int row)
    {
        if (IsNull(column, row))
        {
            json.WriteNullValue();
            return;
        }

        switch (column)
        {
            case ObjectColumn:
                WriteObject(json, batch, column.Member.Children, row);
                break;
            case ListColumn list:
                WriteList(json, batch, list, row);
                break;
            case TextColumn text:
                json.WriteStringValue(text.Utf8(row));
                break;
            case DictionaryColumn strings:
                json.WriteStringValue(strings.Dictionary.Utf8(strings.Ids[row]));
                break;
            case Column<bool> values:
                json.WriteBooleanValue(values.Values[row]);
                break;
            case Column<long> { Member.Type: ColumnType.Timestamp } values:
                json.WriteStringValue(UtcMicroseconds.ToDateTime(values.Values[row]));
                break;
            case Column<int> values:
                json.WriteNumberValue(values.Values[row]);
                break;
            case Column<long> values:
                json.WriteNumberValue(values.Values[row]);
                break;
            case Column<double> values:
                json.WriteNumberValue(values.Values[row]);
                break;
            case Column<decimal> values:
                json.WriteNumberValue(values.Values[row]);
                break;
            default:
                throw Unknown(column);
        }
    }

    private static bool IsNull(Column column, int row) => column is DictionaryColumn strings
        ? strings.Ids[row] == StringDictionary.Null
        : column.Nulls is { } nulls && nulls[row];

    private static byte[] Text(IFormattable value) => Encoding.UTF8.GetBytes(value.ToString(null, CultureInfo.InvariantCulture));

    private static InvalidOperationException Unknown(Column column) => new($"Member {column.Member} has a type that events do not have.");
}
