using System.Globalization;
using Lambda.Batch.Audit.Data;
using Lambda.Events;
using Lambda.Jobs;
using Lambda.Time;

namespace Lambda.Batch.Audit.Profile;

/// <summary>What is measured of one member in the scan that all members share, and how it is read.</summary>
internal sealed class ColumnFigures(EventMember member)
{
    /// <summary>Above it DuckDB may fail on a mean, as the sum of many doubles is beyond the largest one.</summary>
    private const double LargestForMean = 1e290;

    /// <summary>Above it DuckDB may fail on a deviation, as the sum of many squares is beyond the largest double.</summary>
    private const double LargestForDeviation = 1e140;

    private static readonly double[] Shares = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// <summary>The member.</summary>
    public EventMember Member { get; } = member;

    /// <summary>Whether it holds numbers.</summary>
    public bool IsNumber { get; } = ColumnSql.IsNumber(member);

    /// <summary>Whether it holds plain values, which can be compared.</summary>
    public bool IsPlain => Member.Kind == MemberKind.Value;

    /// <summary>Its aggregates over <c>events</c>: always as many.</summary>
    public IReadOnlyList<string> Aggregates => [Count, Distinct, Extreme("min"), Extreme("max"), .. Moments];

    private string Count => $"count({ColumnSql.Of(Member)})";

    private string Distinct => IsPlain ? $"approx_count_distinct({ColumnSql.Comparable(Member)})" : "NULL";

    private IReadOnlyList<string> Moments => IsNumber
        ?
        [
            Moment("avg", LargestForMean), Moment("stddev_samp", LargestForDeviation),
            $"approx_quantile({ColumnSql.Number(Member)}, [{string.Join(", ", Shares.Select(share => share.ToString(CultureInfo.InvariantCulture)))}])::DOUBLE[]",
        ]
        : ["NULL", "NULL", "NULL"];

    /// <summary>The profile, from the figures of its aggregates.</summary>
    public ColumnProfile Read(long rows, Figures figures) => new(
        Member.Path,
        Member.TypeName,
        rows == 0 ? 0 : (double)(rows - figures.Count(0)) / rows,
        IsPlain ? Math.Min(figures.Count(1), figures.Count(0)) : null,
        ValueText(figures.Values.Span[2]),
        ValueText(figures.Values.Span[3]),
        figures.Number(4),
        figures.Number(5),
        figures.Values.Span[6] is IEnumerable<double> values ? [.. Shares.Zip(values, (share, value) => new ProfileQuantile(share, value))] : [],
        [],
        null);

    /// <summary>A figure of all values, or NULL if one of them is too large for it: the scan is not to fail, nor to tell the figure of the others.</summary>
    private string Moment(string function, double largest)
    {
        string value = ColumnSql.Number(Member);
        string isSmall = string.Create(CultureInfo.InvariantCulture, $"abs({value}) <= {largest:E0}");
        return $"CASE WHEN bool_and({isSmall}) THEN {function}({value}) FILTER (WHERE {isSmall}) END";
    }

    private string Extreme(string function) => !IsPlain ? "NULL" : Member.Type switch
    {
        ColumnType.Boolean => "NULL",

        ColumnType.Decimal => ExtremeOfDecimals(function),
        _ => $"{function}({ColumnSql.Comparable(Member)})",
    };

    /// <summary>
    /// With all digits, as decimals with 18 before and after the point. The least or greatest may be too large for that; it is found as a double then, and not
    /// passed over for the extreme of those that fit.
    /// </summary>
    private string ExtremeOfDecimals(string function)
    {
        string farthest = $"arg_{function}({ColumnSql.Comparable(Member)}, {ColumnSql.Number(Member)})";
        return $"CASE WHEN TRY_CAST({farthest} AS DECIMAL(38, 18)) IS NULL THEN {farthest} "
            + $"ELSE rtrim(rtrim({function}(TRY_CAST({ColumnSql.Of(Member)} AS DECIMAL(38, 18)))::VARCHAR, '0'), '.') END";
    }

    private string? ValueText(object? value) => value switch
    {
        null => null,
        long instant when Member.Type == ColumnType.Timestamp => UtcMicroseconds
            .ToDateTime(Math.Clamp(instant, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
