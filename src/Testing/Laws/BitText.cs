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

    /// <summary>Records, tuples and other objects by their public properties and fields, as results are shown; what has none, by what it says of itself.</summary>
    private static string OfMembers(object value)
    {
        const BindingFlags Shown = BindingFlags.Public | BindingFlags.Instance;
        (string Name, object? Value)[] members =
        [
            .. value.GetType().GetProperties(Shown).Where(member => member.GetIndexParameters().Length == 0).Select(member => (member.Name, member.GetValue(value)))
                .Concat(value.GetType().GetFields(Shown).Select(member => (member.Name, member.GetValue(value))))
                .OrderBy(member => member.Name, StringComparer.Ordinal),
        ];
        return members.Length == 0
            ? value.ToString() ?? ""
            : $"{{{string.Join(", ", members.Select(member => $"{member.Name}: {Of(member.Value)}"))}}}";
    }
}
