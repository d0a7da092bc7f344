using System.Globalization;
using Lambda.Events;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Batch.Audit.Data;

/// <summary>
/// Members and values in the SQL of DuckDB. Names are quoted and values travel as hexadecimal digits or checked numbers, so that nothing in either can be
/// taken for SQL.
/// </summary>
internal static class ColumnSql
{
    /// <summary>The column, or the part of a structure, as it is at rest.</summary>
    public static string Of(EventMember member) => member.Parent is { } parent
        ? $"struct_extract({Of(parent)}, {ParquetFiles.Text(member.JsonName)})"
        : ParquetFiles.Name(member.JsonName);

    /// <summary>A member such that equal values are equal: decimals are text at rest, and 1.1 may stand there as 1.10; instants as UTC microseconds.</summary>
    public static string Comparable(EventMember member) => Comparable(member, Of(member));

    /// <summary>An expression of a member's type such that equal values are equal.</summary>
    public static string Comparable(EventMember member, string expression) => member.Kind != MemberKind.Value ? expression : member.Type switch
    {
        ColumnType.Decimal => $"CASE WHEN regexp_full_match({expression}, '-0(\\.0*)?') THEN '0' "
            + $"WHEN contains({expression}, '.') THEN rtrim(rtrim({expression}, '0'), '.') ELSE {expression} END",
        ColumnType.Timestamp => $"epoch_us({expression})",
        _ => expression,
    };

    /// <summary>A number as a double.</summary>
    public static string Number(EventMember member) => $"CAST({Of(member)} AS DOUBLE)";

    /// <summary>Whether a column of numbers stands for the member.</summary>
    public static bool IsNumber(EventMember member) =>
        member is { Kind: MemberKind.Value, Type: ColumnType.Int32 or ColumnType.Int64 or ColumnType.Double or ColumnType.Decimal };

    /// <summary>A value of <see cref="Quality.ColumnValue"/>, to be compared with <see cref="Comparable(EventMember)"/>.</summary>
    public static string Literal(object value) => value switch
    {
        bool boolean => boolean ? "true" : "false",
        int number => Text($"'{number}'::BIGINT"),
        long number => Text($"'{number}'::BIGINT"),
        double number => $"'{number.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE",
        decimal number => $"'{Canonical(number).ToString(CultureInfo.InvariantCulture)}'",
        string text => SqlLiteral.Of(text),
        _ => throw new ArgumentException($"A {value.GetType().Name} is no value of a column.", nameof(value)),
    };

    /// <summary>The type of a member's column.</summary>
    public static string TypeOf(EventMember member) => member.Kind switch
    {
        MemberKind.Object =>
            $"STRUCT({string.Join(", ", member.Children.Select(child => $"{ParquetFiles.Name(child.JsonName)} {TypeOf(child)}"))})",
        MemberKind.List => $"{TypeOf(member.Element)}[]",
        _ => member.Type switch
        {
            ColumnType.Boolean => "BOOLEAN",
            ColumnType.Int32 => "INTEGER",
            ColumnType.Int64 => "BIGINT",
            ColumnType.Double => "DOUBLE",
            ColumnType.Timestamp => "TIMESTAMPTZ",
            _ => "VARCHAR",
        },
    };

    private static decimal Canonical(decimal value) => CanonicalDecimal.Of(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
