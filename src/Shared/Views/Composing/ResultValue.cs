using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Aggregation;
using Lambda.Expressions;

namespace Lambda.Views.Composing;

/// <summary>
/// Results as JSON, alike in answers, corrections and audits. Integers of any size and decimals are exact numbers, doubles the shortest number that
/// reads back as the same; what JSON has no number for is the string "NaN", "Infinity" or "-Infinity"; instants are ISO 8601 in UTC, bytes base64.
/// </summary>
internal static class ResultValue
{
    /// <summary>How results of a user's own types are written.</summary>
    /// <remarks>With fields, as tuples have nothing else.</remarks>
    private static readonly JsonSerializerOptions OwnTypes =
        new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, IncludeFields = true };

    /// <summary>Within other formats than JSON, which have escapes of their own.</summary>
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether two results are the same: the same values, doubles bit for bit; those of a user's own type also when they are shown alike.</summary>
    public static bool AreSame(object? one, object? other) => (one, other) switch
    {
        (double first, double second) => BitConverter.DoubleToInt64Bits(first) == BitConverter.DoubleToInt64Bits(second),
        (IStructuralEquatable first, not null) => first.Equals(other, StructuralComparisons.StructuralEqualityComparer) || AreShownAlike(one, other),
        _ => Equals(one, other) || AreShownAlike(one, other),
    };

    /// <summary>A result as a JSON text.</summary>
    public static string ToJson(object? value)
    {
        ArrayBufferWriter<byte> buffer = new(128);
        using Utf8JsonWriter json = new(buffer, Readable);
        Write(json, value);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes a result.</summary>
    public static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case Int128 number:
                json.WriteRawValue(number.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double or float:
                json.WriteStringValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case DateTimeOffset instant:
                json.WriteStringValue(instant.UtcDateTime);
                break;
            case Histogram or HistogramBucket or CollectedSet or ValueCount or ValueList<HistogramBucket> or ValueList<ValueCount> or ValueList<object>:
                WriteStructure(json, value);
                break;
            default:
                WriteOwn(json, value);
                break;
        }
    }

    private static void WriteOwn(Utf8JsonWriter json, object value)
    {
        try
        {
            JsonSerializer.Serialize(json, value, value.GetType(), OwnTypes);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new AggregatorException(
                $"A result of type {value.GetType()} cannot be shown: {ErrorText.Of(error)} Let GetResult give what System.Text.Json can write.", error);
        }
    }

    // A list, a class or a record with an array in it is equal to itself only, unless its author has thought of that.
    private static bool AreShownAlike(object? one, object? other) => one is not null && one.GetType() == other?.GetType()
        && one is not (IConvertible or Int128 or DateTimeOffset or Histogram or CollectedSet or ValueList<ValueCount>)
        && ToJson(one) == ToJson(other);

    private static void WriteStructure(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case Histogram histogram:
                WriteMembers(json, ("buckets", histogram.Buckets), ("notANumber", histogram.NotANumber));
                break;
            case HistogramBucket bucket:
                WriteMembers(json, ("from", bucket.From), ("to", bucket.To), ("count", bucket.Count));
                break;
            case CollectedSet set:
                WriteMembers(json, ("values", set.Values), ("isCut", set.IsCut));
                break;
            case ValueCount one:
                WriteMembers(json, ("value", one.Value), ("count", one.Count));
                break;
            case IEnumerable values:
                json.WriteStartArray();
                foreach (object? each in values)
                {
                    Write(json, each);
                }

                json.WriteEndArray();
                break;
        }
    }

    private static void WriteMembers(Utf8JsonWriter json, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        json.WriteStartObject();
        foreach ((string name, object? value) in members)
        {
            json.WritePropertyName(name);
            Write(json, value);
        }

        json.WriteEndObject();
    }
}
