using System.Globalization;

namespace Lambda.TestSupport.Oracle;

/// <summary>Values of any type as aggregates order and show them.</summary>
public static class OracleValues
{
    /// <summary>The one value that stands for all that are equal: 0 for −0, one NaN, decimals without trailing zeros, instants cut to microseconds.</summary>
    public static object Canonical(object value) => value switch
    {
        double number => double.IsNaN(number) ? double.NaN : number == 0 ? 0.0 : number,
        float number => float.IsNaN(number) ? float.NaN : number == 0 ? 0f : number,
        decimal number => ExactNumbers.Shortest(number),
        DateTime time => Instant(new DateTimeOffset(time.Ticks, TimeSpan.Zero)),
        DateTimeOffset time => Instant(time),
        _ => value,
    };

    /// <summary>As answers show it.</summary>
    public static object Shown(object value) => value is Enum ? value.ToString()! : value;

    /// <summary>The order of canonical values: texts by ordinal, NaN last.</summary>
    public static int Compare(object left, object right) => (left, right) switch
    {
        (string one, string other) => string.CompareOrdinal(one, other),
        (double one, double other) when double.IsNaN(one) || double.IsNaN(other) => double.IsNaN(one).CompareTo(double.IsNaN(other)),
        (float one, float other) when float.IsNaN(one) || float.IsNaN(other) => float.IsNaN(one).CompareTo(float.IsNaN(other)),
        (IComparable one, _) => one.CompareTo(right),
        _ => throw new ArgumentException($"The oracle has no order for {left.GetType()}.", nameof(left)),
    };

    /// <summary>Whether the value is NaN.</summary>
    public static bool IsNaN(object value) => value is double.NaN or float.NaN;

    /// <summary>A text that is equal exactly for equal values: numbers by their bits, whatever integer type holds them.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Length}:{text}\"",
        bool flag => flag ? "true" : "false",
        double number => string.Create(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.DoubleToInt64Bits(number):x}"),
        float number => string.Create(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.SingleToInt32Bits(number):x}"),
        decimal number => string.Create(CultureInfo.InvariantCulture, $"{number}m#{string.Join('.', decimal.GetBits(number))}"),
        sbyte or byte or short or ushort or int or uint or long or System.Numerics.BigInteger or Int128 or Guid =>
            ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        DateTimeOffset or DateOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        IReadOnlyList<object?> values => $"[{string.Join(", ", values.Select(Text))}]",
        _ => throw new ArgumentException($"The oracle does not know values of type {value.GetType()}.", nameof(value)),
    };

    private static DateTimeOffset Instant(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % 10), TimeSpan.Zero);
}
