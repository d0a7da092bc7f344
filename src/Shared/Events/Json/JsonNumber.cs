using System.Text.Json;

namespace Lambda.Events.Json;

/// <summary>Reads numbers of C# types into the wider types of columns; false when the token is no number of the C# type.</summary>
internal static class JsonNumber
{
    public static bool TryRead(ref Utf8JsonReader reader, Type type, out int value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        switch (Type.GetTypeCode(type))
        {
            case TypeCode.SByte:
                bool isRead = reader.TryGetSByte(out sbyte signed);
                value = signed;
                return isRead;
            case TypeCode.Byte:
                isRead = reader.TryGetByte(out byte small);
                value = small;
                return isRead;
            case TypeCode.Int16:
                isRead = reader.TryGetInt16(out short middle);
                value = middle;
                return isRead;
            case TypeCode.UInt16:
                isRead = reader.TryGetUInt16(out ushort unsigned);
                value = unsigned;
                return isRead;
            default:
                return reader.TryGetInt32(out value);
        }
    }

    public static bool TryRead(ref Utf8JsonReader reader, Type type, out long value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (type != typeof(uint))
        {
            return reader.TryGetInt64(out value);
        }

        bool isRead = reader.TryGetUInt32(out uint unsigned);
        value = unsigned;
        return isRead;
    }

    /// <summary>Only finite numbers; a float is rounded to a float first, as it will be when it is read.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, Type type, out double value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (type != typeof(float))
        {
            return reader.TryGetDouble(out value) && double.IsFinite(value);
        }

        bool isRead = reader.TryGetSingle(out float single);
        value = single;
        return isRead && float.IsFinite(single);
    }
}
