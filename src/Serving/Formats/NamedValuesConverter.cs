using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lambda.Serving.Formats;

/// <summary>
/// Writes values exactly: integers of any size and decimals as JSON numbers with all their digits, doubles as the shortest number that reads back as
/// the same. JSON has no number for NaN and the infinities, which become the strings "NaN", "Infinity" and "-Infinity".
/// </summary>
internal sealed class NamedValuesConverter : JsonConverter<NamedValues>
{
    public override NamedValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are written, not read.");

    public override void Write(Utf8JsonWriter writer, NamedValues value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        for (int i = 0; i < value.Names.Count; i++)
        {
            writer.WritePropertyName(value.Names[i]);
            WriteValue(writer, value.Values[i], options);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case Int128 number:
                writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                JsonSerializer.Serialize(writer, value, value.GetType(), options);
                break;
        }
    }
}
