using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Lambda.Testing;

/// <summary>Texts that are equal exactly for values with equal bits.</summary>
internal static class BitText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Length}:{text}\"",
        bool flag => flag ? "true" : "false",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        double number => string.Create(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.DoubleToInt64Bits(number):x}"),
        float number => string.Create(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.SingleToInt32Bits(number):x}"),
        decimal number => string.Create(CultureInfo.InvariantCulture, $"{number}m#{string.Join('.', decimal.GetBits(number))}"),
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        Enum => value.ToString()!,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join("; ", items.Cast<object?>().Select(Of))}]",
        _ => OfMembers(value),
    };

    /// <summary>Records and other objects by their public properties; what has none, by what it says of itself.</summary>
    private static string OfMembers(object value)
    {
        PropertyInfo[] members =
        [
            .. value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(member => member.GetIndexParameters().Length == 0)
                .OrderBy(member => member.Name, StringComparer.Ordinal),
        ];
        return members.Length == 0
            ? value.ToString() ?? ""
            : $"{{{string.Join(", ", members.Select(member => $"{member.Name}: {Of(member.GetValue(value))}"))}}}";
    }
}
