using System.Globalization;
using Lambda.Events;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Batch.Audit.Data;

/// <summary>Checks that look at rows one by one, or count them.</summary>
internal static class RowPlans
{
    private const string None = "none";

    public static PlannedCheck Of(RowCountCheck check)
    {
        string expected = check.AtMost == long.MaxValue ? Text($"at least {check.AtLeast}") : Text($"from {check.AtLeast} to {check.AtMost}");
        return new PlannedCheck(check, expected, figures => Finding.Of(
            figures.Count(0) >= check.AtLeast && figures.Count(0) <= check.AtMost, figures.Count(0), "number of rows", expected))
        {
            Aggregates = [Aggregate.Sum("count(*)")],
        };
    }

    public static PlannedCheck Of(CompletenessCheck check)
    {
        string column = ColumnSql.Of(check.Member);
        string expected = Text($"at least {check.AtLeast}");
        return new PlannedCheck(check, expected, figures =>
        {
            long rows = figures.Count(0);
            long missing = rows - figures.Count(1);
            double share = rows == 0 ? 1 : (double)figures.Count(1) / rows;
            return Finding.Of(share >= check.AtLeast, share, "share of rows with a value", expected) with
            {
                FailingRows = missing,
                Samples = missing == 0 ? null : Rows($"{column} IS NULL"),
            };
        })
        {
            Aggregates = [Aggregate.Sum("count(*)"), Aggregate.Sum($"count({column})")],
        };
    }

    public static PlannedCheck Of(RangeCheck check)
    {
        string below = check.Minimum is { } minimum ? Compare(check.Member, "<", minimum) : "false";
        string above = check.Maximum is { } maximum ? Compare(check.Member, ">", maximum) : "false";
        return Each(
            check,
            $"({below} OR {above})",
            $"number of rows outside of {Bound(check.Member, check.Minimum, "-∞")} to {Bound(check.Member, check.Maximum, "∞")}");
    }

    public static PlannedCheck Of(AllowedValuesCheck check) => Each(
        check,
        $"{ColumnSql.Comparable(check.Member)} NOT IN ({string.Join(", ", check.Values.Select(ColumnSql.Literal))})",
        "number of rows with another value");

    public static PlannedCheck Of(PatternCheck check) => Each(
        check, $"NOT regexp_full_match({ColumnSql.Of(check.Member)}, {ColumnSql.Literal(check.Pattern)})", $"number of rows that do not match {check.Pattern}");

    /// <param name="check">The check.</param>
    /// <param name="reference">The referenced values.</param>
    public static PlannedCheck Of(ReferenceCheck check, ReferenceTable reference) => Each(
        check,
        // Of no values at all, even null is said not to be one.
        $"{ColumnSql.Of(check.Member)} IS NOT NULL AND {ColumnSql.Comparable(check.Member)} NOT IN (SELECT value FROM {reference.Name})",
        $"number of rows whose value is not in {check.Values.Name}",
        reference.Fingerprint);

    public static PlannedCheck Of(FreshnessCheck check, DateTimeOffset now, AuditSubject subject)
    {
        string time = ColumnSql.Comparable(check.EventTime);
        string expected = $"at most {check.AtMost}";
        return new PlannedCheck(check, expected, figures =>
        {
            if (figures.Number(0) is null)
            {
                return new Finding(CheckVerdict.Failed, null, $"There is no event, but one was expected that is {expected} old.");
            }

            TimeSpan age = now - UtcMicroseconds.ToDateTimeOffset(Math.Clamp(figures.Count(0), UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue));
            bool isMet = age <= check.AtMost;
            if (!isMet && subject.HasMore)
            {
                return new Finding(CheckVerdict.NotApplicable, age.TotalSeconds, "Newer events may follow in the next generation of the run.");
            }

            return new Finding(
                isMet ? CheckVerdict.Passed : CheckVerdict.Failed, age.TotalSeconds,
                Text($"The newest event is {age.TotalSeconds:0.###} s old{(isMet ? "" : $", but {expected} was expected")}."))
            {
                Samples = isMet ? null : Rows($"{time} = {ColumnSql.Literal(figures.Count(0))}"),
            };
        })
        {
            Aggregates = [Aggregate.Greatest($"max({time})")],
        };
    }

    public static PlannedCheck Of(UniquenessCheck check)
    {
        UniqueKey key = new(check.Members);
        return new PlannedCheck(check, None, figures =>
        {
            long repeats = figures.Count(0) - figures.Count(1);
            return Finding.Of(repeats == 0, repeats, "number of rows that repeat a value", None) with
            {
                FailingRows = repeats,
                Samples = repeats == 0 ? null : key.RepeatedRows,
            };
        })
        {
            Aggregates = key.Aggregates,
            OwnQuery = $"SELECT coalesce(sum(n), 0)::BIGINT, count(*) FROM ({key.Repeated})",
            Key = key,
        };
    }

    public static PlannedCheck Of(SqlCheck check) => new(check, None, figures =>
        Finding.Of(figures.Count(0) == 0, figures.Count(0), "number of rows that the query finds", None) with
        {
            FailingRows = figures.Count(0),
            Samples = figures.Count(0) == 0 ? null : SelectOf(check),
        })
    {
        OwnQuery = $"SELECT count(*) FROM ({SelectOf(check)})",
    };

    /// <summary>The query of a check, such that a comment at its end ends there.</summary>
    public static string SelectOf(SqlCheck check) => $"SELECT * FROM (\n{check.FailingRows}\n)";

    /// <summary>A query of rows that meet a condition, in the order of their positions.</summary>
    public static string Rows(string condition) => $"SELECT * FROM events WHERE {condition} ORDER BY _partition, _offset";

    /// <param name="check">The check.</param>
    /// <param name="failing">The condition of rows that fail.</param>
    /// <param name="measured">What their number is called.</param>
    /// <param name="basis">What the condition depends on besides the row; empty when on nothing.</param>
    private static PlannedCheck Each(DataCheck check, string failing, string measured, string basis = "") => new(check, None, figures =>
        Finding.Of(figures.Count(0) == 0, figures.Count(0), measured, None) with
        {
            FailingRows = figures.Count(0),
            Samples = figures.Count(0) == 0 ? null : Rows(failing),
        })
    {
        Aggregates = [Aggregate.Sum($"count(*) FILTER (WHERE {failing})") with { Basis = basis }],
    };

    /// <summary>
    /// Decimals are text at rest. They are compared with 18 digits before and after the point, and those too large for that as doubles.
    /// </summary>
    private static string Compare(EventMember member, string comparison, object bound) => member.Type == ColumnType.Decimal
        ? $"coalesce(TRY_CAST({ColumnSql.Of(member)} AS DECIMAL(38, 18)) {comparison} TRY_CAST('{Text($"{bound}")}' AS DECIMAL(38, 18)), "
            + $"CAST({ColumnSql.Of(member)} AS DOUBLE) {comparison} CAST('{Text($"{bound}")}' AS DOUBLE))"
        : $"{ColumnSql.Comparable(member)} {comparison} {ColumnSql.Literal(bound)}";

    private static string Bound(EventMember member, object? bound, string open) => bound is long instant && member.Type == ColumnType.Timestamp
        ? UtcMicroseconds.ToDateTime(instant).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
        : Text($"{bound ?? open}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
