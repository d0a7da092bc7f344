using System.Globalization;
using System.Text;
using Lambda.Events;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>
/// Values as SQL text. The planner can skip row groups by literals, and text travels as hexadecimal digits, so nothing in it can end the literal.
/// </summary>
internal static class SqlLiteral
{
    // What TIMESTAMP can hold, in microseconds; 290309-12-22 BC to 294247-01-10.
    private const long MinTimestamp = -9_223_372_022_400_000_000;
    private const long MaxTimestamp = 9_223_372_036_854_775_806;

    /// <summary>A text.</summary>
    public static string Of(string text) => text.Length == 0 ? "''" : $"decode({OfBytes(Encoding.UTF8.GetBytes(text))})";

    /// <summary>The condition that a column has a value, which may be null, of the C# type that belongs to the column's type.</summary>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public static string Matches(string column, ColumnType type, object? value) => (type, value) switch
    {
        (_, null) => $"{column} IS NULL",
        (ColumnType.Boolean, bool boolean) => $"{column} = {boolean}",
        (ColumnType.Int32, int number) => $"{column} = '{number}'::INTEGER",
        (ColumnType.Int64, long number) => $"{column} = '{number}'::BIGINT",
        (ColumnType.Int128, Int128 number) => $"{column} = '{number}'::HUGEINT",
        (ColumnType.Double, double number) => $"{column} = '{BitConverter.DoubleToInt64Bits(number)}'::BIGINT",
        (ColumnType.Decimal, decimal number) =>
            $"{column} = '{CanonicalDecimal.Of(number).ToString(CultureInfo.InvariantCulture)}'",
        (ColumnType.Timestamp, long and (< MinTimestamp or > MaxTimestamp)) => $"epoch_us({column}) = '{value}'::BIGINT",
        (ColumnType.Timestamp, long instant) => $"{column} = make_timestamp('{instant}'::BIGINT)",
        (ColumnType.String, string text) => $"{column} = {Of(text)}",
        (ColumnType.Bytes, byte[] bytes) => $"{column} = {OfBytes(bytes)}",
        _ => throw new ArgumentException($"A {value.GetType().Name} was given for a key part of type {type}.", nameof(value)),
    };

    /// <summary>The condition that slices overlap a range; empty when all do.</summary>
    public static IEnumerable<string> Overlaps(string start, string end, WindowRange range)
    {
        if (range.To <= MaxTimestamp)
        {
            yield return $"{start} < make_timestamp('{Math.Max(range.To, MinTimestamp)}'::BIGINT)";
        }

        if (range.From > MinTimestamp)
        {
            yield return $"{end} > make_timestamp('{Math.Min(range.From, MaxTimestamp)}'::BIGINT)";
        }
    }

    /// <summary>The condition that a column is at an instant or later; empty when it always is.</summary>
    public static IEnumerable<string> AtOrAfter(string column, long instant)
    {
        if (instant > MinTimestamp)
        {
            yield return $"{column} >= make_timestamp('{Math.Min(instant, MaxTimestamp)}'::BIGINT)";
        }
    }

    private static string OfBytes(byte[] bytes)
    {
        var literal = new StringBuilder("'", (bytes.Length * 4) + 8);
        foreach (byte part in bytes)
        {
            literal.Append("\\x").Append(part.ToString("X2", CultureInfo.InvariantCulture));
        }

        return literal.Append("'::BLOB").ToString();
    }
}
