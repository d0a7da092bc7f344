using System.Globalization;
using Lambda.Events;
using Lambda.Quality;

namespace Lambda.Batch.Audit;

/// <summary>A check of the data as a whole, in the SQL of DuckDB over a table of the rows that count.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="Figure">An aggregate that gives the figure to judge, as a double.</param>
/// <param name="IsMet">Whether a figure, among that many rows, is as expected.</param>
/// <param name="Expected">What is expected, for the message: <c>at least 0.99</c>.</param>
/// <param name="Measured">What the figure is, for the message: <c>share of rows with a value</c>.</param>
/// <param name="FailingRows">A condition for rows that fail, for samples; null when no single row does.</param>
internal sealed record DataCheckSql(
    string Name, string Figure, Func<double, bool> IsMet, string Expected, string Measured, string? FailingRows)
{
    /// <summary>Puts a check into SQL.</summary>
    public static DataCheckSql Of(DataCheck check) => check switch
    {
        RowCountCheck rows => new DataCheckSql(
            "row count",
            "count(*)",
            count => count >= rows.AtLeast && count <= rows.AtMost,
            rows.AtMost == long.MaxValue ? Text($"at least {rows.AtLeast}") : Text($"from {rows.AtLeast} to {rows.AtMost}"),
            "number of rows",
            null),
        CompletenessCheck complete => new DataCheckSql(
            $"completeness of {complete.Member.Path}",
            $"CASE WHEN count(*) = 0 THEN 1 ELSE count({Column(complete.Member)}) / count(*) END",
            share => share >= complete.AtLeast,
            Text($"at least {complete.AtLeast}"),
            "share of rows with a value",
            $"{Column(complete.Member)} IS NULL"),
        UniquenessCheck unique => new DataCheckSql(
            $"uniqueness of {unique.Member.Path}",
            $"count({Column(unique.Member)}) - count(DISTINCT {Column(unique.Member)})",
            repeated => repeated == 0,
            "none",
            "number of rows that repeat a value",
            $"{Column(unique.Member)} IN (SELECT {Column(unique.Member)} FROM counted GROUP BY ALL HAVING count(*) > 1)"),
        RangeCheck range => new DataCheckSql(
            $"range of {range.Member.Path}",
            $"count(*) FILTER ({Outside(range)})",
            outside => outside == 0,
            "none",
            Text($"number of rows outside of {range.Minimum ?? "-∞"} to {range.Maximum ?? "∞"}"),
            Outside(range)),
        _ => throw new InvalidOperationException($"Data check {check} is not known to the audit."),
    };

    private static string Outside(RangeCheck range)
    {
        string below = range.Minimum is { } minimum ? Below(range.Member, Column(range.Member), minimum) : "false";
        string above = range.Maximum is { } maximum ? Above(range.Member, Column(range.Member), maximum) : "false";
        return $"({below} OR {above})";
    }

    private static string Below(EventMember member, string column, object bound) => Compare(member, column, "<", bound);

    private static string Above(EventMember member, string column, object bound) => Compare(member, column, ">", bound);

    /// <summary>
    /// Decimals are text at rest. They are compared with 18 digits before and after the point, and those too large for that as doubles.
    /// </summary>
    private static string Compare(EventMember member, string column, string comparison, object bound) => member.Type == ColumnType.Decimal
        ? $"coalesce(TRY_CAST({column} AS DECIMAL(38, 18)) {comparison} TRY_CAST('{Text($"{bound}")}' AS DECIMAL(38, 18)), "
            + $"CAST({column} AS DOUBLE) {comparison} CAST('{Text($"{bound}")}' AS DOUBLE))"
        : $"{column} {comparison} CAST('{Literal(bound)}' AS {SqlType(bound)})";

    private static string SqlType(object bound) => bound is int or long ? "BIGINT" : "DOUBLE";

    private static string Literal(object bound) => bound is double number ? number.ToString("R", CultureInfo.InvariantCulture) : Text($"{bound}");

    /// <summary>The column, or the part of a structure.</summary>
    private static string Column(EventMember member) => string.Join('.', member.Ancestry.Select(part => ParquetFiles.Name(part.JsonName)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
