using System.Text.Json;
using System.Text.Unicode;
using Lambda.Events;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>What a record means by <see cref="JsonDocument"/> and the documented rules; shares no code with the decoder.</summary>
/// <param name="fuzzed">The event type.</param>
/// <param name="maxEventTime">The last event time that is not too far ahead, in UTC microseconds.</param>
internal sealed class DocumentOracle(FuzzedEvent fuzzed, long maxEventTime)
{
    private static readonly object Wrong = new();

    private readonly object?[] _values = new object?[fuzzed.Schema.Members.Count];

    /// <summary>Per member the value, as <see cref="ColumnCell"/> gives it; null when the record is to be refused. Valid until the next call.</summary>
    public object?[]? Read(byte[] json)
    {
        try
        {
            if (!Utf8.IsValid(json))
            {
                return null;
            }

            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && IsGood(document.RootElement) ? _values : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool IsGood(JsonElement record)
    {
        Array.Clear(_values);
        foreach (JsonProperty property in record.EnumerateObject())
        {
            if (Find(property.Name) is { } member)
            {
                object? value = Value(property.Value, member);
                if (value == Wrong || (value is null && !member.IsNullable))
                {
                    return false;
                }

                _values[member.Ordinal] = value;
            }
        }

        return fuzzed.Schema.Members.All(member => member.IsNullable || _values[member.Ordinal] is not null)
            && (fuzzed.Id is null || _values[fuzzed.Id.Ordinal] is not null)
            && (long)_values[fuzzed.Time.Ordinal]! <= maxEventTime;
    }

    private EventMember? Find(string name) =>
        fuzzed.Schema.Members.FirstOrDefault(member => member.JsonName == name)
        ?? fuzzed.Schema.Members.FirstOrDefault(member => string.Equals(member.JsonName, name, StringComparison.OrdinalIgnoreCase));

    private static object? Value(JsonElement element, EventMember member)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        bool isNumber = element.ValueKind == JsonValueKind.Number;
        bool isText = element.ValueKind == JsonValueKind.String;
        return member.Type switch
        {
            ColumnType.Boolean when element.ValueKind is JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
            ColumnType.Int32 when isNumber && element.TryGetInt32(out int value) => value,
            ColumnType.Int64 when isNumber && element.TryGetInt64(out long value) => value,
            ColumnType.Double when isNumber && element.TryGetDouble(out double value) && double.IsFinite(value) => ColumnCell.Of(value),
            ColumnType.Decimal when isNumber && element.TryGetDecimal(out decimal value) => ColumnCell.Of(value),
            ColumnType.Timestamp when isText && element.TryGetDateTime(out DateTime value) => Instant(element, value),
            ColumnType.String when isText => element.GetString(),
            _ => Wrong,
        };
    }

    private static object Instant(JsonElement element, DateTime value)
    {
        if (value.Kind == DateTimeKind.Local)
        {
            if (!element.TryGetDateTimeOffset(out DateTimeOffset instant))
            {
                return Wrong;
            }

            value = instant.UtcDateTime;
        }

        // Floor, which is what cutting towards the past means, by decimals.
        return (long)decimal.Floor((value.Ticks - DateTime.UnixEpoch.Ticks) / 10m);
    }
}
