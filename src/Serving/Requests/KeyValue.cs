using System.Globalization;
using System.Linq.Expressions;
using System.Numerics;
using Lambda.Events;
using Lambda.Events.Texts;
using Lambda.Serving.Formats;
using Lambda.Views;

namespace Lambda.Serving.Requests;

/// <summary>
/// Values of key parts as people write them. What the C# type of a part cannot be is none of its values; what it can be is read as in events, so that any
/// spelling of a value finds it.
/// </summary>
internal static class KeyValue
{
    /// <summary>The value that a text stands for; null when it is none of the key part.</summary>
    public static object? Parse(KeyDefinition key, string text) => key.Type switch
    {
        ColumnType.String => Text(key, text),
        ColumnType.Boolean => bool.TryParse(text, out bool flag) ? flag : null,
        ColumnType.Int32 => Type.GetTypeCode(TypeOf(key)) switch
        {
            TypeCode.SByte => (int?)Number<sbyte>(text),
            TypeCode.Byte => (int?)Number<byte>(text),
            TypeCode.Int16 => (int?)Number<short>(text),
            TypeCode.UInt16 => (int?)Number<ushort>(text),
            _ => Number<int>(text),
        },
        ColumnType.Int64 => TypeOf(key) == typeof(uint) ? (long?)Number<uint>(text) : Number<long>(text),
        ColumnType.Timestamp => Instants.TryParse(text, out long instant) ? instant : null,
        _ => null,
    };

    /// <summary>What the key part can be, for messages.</summary>
    public static string Expected(KeyDefinition key) => (key.Type, Type.GetTypeCode(TypeOf(key))) switch
    {
        (ColumnType.String, _) => TextForm.Of(TypeOf(key))?.Expected ?? "a text",
        (ColumnType.Boolean, _) => "true or false",
        (_, TypeCode.SByte) => "a whole number from -128 to 127",
        (_, TypeCode.Byte) => "a whole number from 0 to 255",
        (_, TypeCode.Int16) => "a whole number from -32768 to 32767",
        (_, TypeCode.UInt16) => "a whole number from 0 to 65535",
        (_, TypeCode.UInt32) => "a whole number from 0 to 4294967295",
        (ColumnType.Int32, _) => "a whole number of 32 bits",
        (ColumnType.Int64, _) => "a whole number of 64 bits",
        _ => "an instant such as 2001-01-01T00:00:00Z",
    };

    private static string? Text(KeyDefinition key, string text)
    {
        if (TextForm.Of(TypeOf(key)) is not { } form)
        {
            return text;
        }

        return form.Normalize(text) ?? (Number<long>(text) is { } number ? form.Normalize(number) ?? Unnamed(key, number) : null);
    }

    /// <summary>
    /// The text of a value of an enum that has no name. No event that has one for a member is taken, but an expression can make one of a number.
    /// </summary>
    private static string? Unnamed(KeyDefinition key, long number) => TypeOf(key) is { IsEnum: true } type && key.Selector.Body is not MemberExpression
        ? Enum.ToObject(type, number).ToString() is { } text && text == number.ToString(CultureInfo.InvariantCulture) ? text : null
        : null;

    private static T? Number<T>(string text)
        where T : struct, IBinaryInteger<T> => T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number) ? number : null;

    private static Type TypeOf(KeyDefinition key) => Nullable.GetUnderlyingType(key.Selector.Body.Type) ?? key.Selector.Body.Type;
}
