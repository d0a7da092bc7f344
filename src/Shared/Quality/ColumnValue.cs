using System.Globalization;
using Lambda.Events;
using Lambda.Time;

namespace Lambda.Quality;

/// <summary>Values of a member as its column holds them.</summary>
internal static class ColumnValue
{
    /// <summary>A bool, long, double, decimal, string, or UTC microseconds as a long.</summary>
    /// <param name="member">A plain value.</param>
    /// <param name="value">A value of the member's C# type.</param>
    public static object Of(EventMember member, object value) => member.Form is { } form ? form.FormatValue(value) : member.Type switch
    {
        ColumnType.Boolean => (bool)value,
        ColumnType.Int32 or ColumnType.Int64 => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ColumnType.Double => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        ColumnType.Decimal => (decimal)value,
        ColumnType.Timestamp => value is DateTimeOffset instant ? UtcMicroseconds.From(instant) : UtcMicroseconds.FromDateTime((DateTime)value),
        ColumnType.String => value.ToString() ?? "",
        _ => throw new InvalidOperationException($"Member {member} has a type that events do not have."),
    };
}
