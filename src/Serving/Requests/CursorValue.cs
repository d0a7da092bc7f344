using System.Globalization;
using System.Numerics;
using Lambda.Events;

namespace Lambda.Serving.Requests;

/// <summary>Values as they stand in cursors: texts from which the same value comes back.</summary>
internal static class CursorValue
{
    private static readonly Dictionary<Type, Func<string, object?>> Parsers = new()
    {
        [typeof(string)] = static text => text,
        [typeof(bool)] = static text => bool.TryParse(text, out bool flag) ? flag : null,
        [typeof(sbyte)] = Number<sbyte>,
        [typeof(byte)] = Number<byte>,
        [typeof(short)] = Number<short>,
        [typeof(ushort)] = Number<ushort>,
        [typeof(int)] = Number<int>,
        [typeof(uint)] = Number<uint>,
        [typeof(long)] = Number<long>,
        [typeof(ulong)] = Number<ulong>,
        [typeof(Int128)] = Number<Int128>,
        [typeof(float)] = Number<float>,
        [typeof(double)] = Number<double>,
        [typeof(decimal)] = Number<decimal>,
        [typeof(DateTime)] = static text =>
            DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime instant) ? instant : null,
        [typeof(DateTimeOffset)] = static text =>
            DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset instant) ? instant : null,
        [typeof(DateOnly)] = static text => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) ? date : null,
        [typeof(Guid)] = static text => Guid.TryParse(text, out Guid id) ? id : null,
        [typeof(TimeSpan)] = static text => TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan duration) ? duration : null,
    };

    /// <summary>The type of a key part's values.</summary>
    public static Type TypeOf(ColumnType key) => key switch
    {
        ColumnType.String => typeof(string),
        ColumnType.Boolean => typeof(bool),
        ColumnType.Int32 => typeof(int),
        ColumnType.Int64 or ColumnType.Timestamp => typeof(long),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "No key has parts of this type."),
    };

    /// <summary>Whether values of a type have a text.</summary>
    public static bool HasText(Type type) => Parsers.ContainsKey(type);

    /// <summary>The text of a value whose type has one; null for null.</summary>
    public static string? Write(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime or DateTimeOffset or DateOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    /// <summary>The value of a text; false when it is none of the type.</summary>
    public static bool TryRead(string? text, Type type, out object? value)
    {
        value = text is null ? null : Parsers[type](text);
        return text is null || value is not null;
    }

    private static object? Number<T>(string text)
        where T : struct, INumber<T> => T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number) ? number : null;
}
