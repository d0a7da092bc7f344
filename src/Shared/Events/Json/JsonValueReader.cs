using System.Text.Json;
using Lambda.Events.Texts;

namespace Lambda.Events.Json;

/// <summary>Reads plain values into columns.</summary>
internal sealed class JsonValueReader(DecodeRules rules)
{
    private readonly byte[] _normalized = new byte[TextForm.MaxBytes];
    private byte[] _scratch = new byte[256];

    /// <summary>Reads the value that the reader stands at, which is not null; false when it is not of the member's type.</summary>
    public bool TryRead(ref Utf8JsonReader reader, EventMember member, EventBatch destination, int index)
    {
        Column? column = destination[member];
        return member.Type switch
        {
            ColumnType.Boolean => ReadBoolean(ref reader, column, index),
            ColumnType.Int32 => Set(JsonNumber.TryRead(ref reader, member.PlainType, out int value), value, column, index),
            ColumnType.Int64 => Set(JsonNumber.TryRead(ref reader, member.PlainType, out long value), value, column, index),
            ColumnType.Double => Set(JsonNumber.TryRead(ref reader, member.PlainType, out double value), value, column, index),
            ColumnType.Decimal => reader.TokenType == JsonTokenType.Number && Set(reader.TryGetDecimal(out decimal value), value, column, index),
            ColumnType.Timestamp => ReadTimestamp(ref reader, member, column, destination, index),
            _ => ReadString(ref reader, member, column, index),
        };
    }

    /// <summary>The token's text, unescaped; valid until the next call.</summary>
    public ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (_scratch.Length < reader.ValueSpan.Length)
        {
            _scratch = new byte[reader.ValueSpan.Length * 2];
        }

        return _scratch.AsSpan(0, reader.CopyString(_scratch));
    }

    private static bool ReadBoolean(ref Utf8JsonReader reader, Column? column, int index) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False && Set(true, reader.TokenType == JsonTokenType.True, column, index);

    private bool ReadTimestamp(ref Utf8JsonReader reader, EventMember member, Column? column, EventBatch destination, int index)
    {
        if (!JsonTimestamp.TryRead(ref reader, out long microseconds))
        {
            return false;
        }

        if (member == rules.EventTime)
        {
            destination.EventTimes[index] = microseconds;
        }

        return Set(true, microseconds, column, index);
    }

    private bool ReadString(ref Utf8JsonReader reader, EventMember member, Column? column, int index)
    {
        ReadOnlySpan<byte> text;
        if (reader.TokenType == JsonTokenType.String)
        {
            text = Text(ref reader);
            if (member.Form is { } form && !form.TryNormalize(text, _normalized, out text))
            {
                return false;
            }
        }
        else if (reader.TokenType != JsonTokenType.Number || member.Form is not { } numbered
            || !reader.TryGetInt64(out long number) || !numbered.TryNormalize(number, out text))
        {
            return false;
        }

        switch (column)
        {
            case TextColumn plain:
                plain.Set(index, text);
                break;
            case DictionaryColumn strings:
                strings.Ids[index] = strings.Dictionary.Intern(text);
                break;
        }

        return true;
    }

    private static bool Set<T>(bool isRead, T value, Column? column, int index)
        where T : struct
    {
        if (isRead && column is not null)
        {
            ((Column<T>)column).Values[index] = value;
        }

        return isRead;
    }
}
