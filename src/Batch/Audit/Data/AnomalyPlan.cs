using System.Globalization;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>Holds a metric against its history.</summary>
internal static class AnomalyPlan
{
    /// <summary>What a sum of equal numbers may be off by, in proportion.</summary>
    private const double Rounding = 1e-9;

    public static PlannedCheck Of(AnomalyCheck check, NewRows rows, IReadOnlyList<MetricPoint> history, DateTimeOffset now)
    {
        double[] points = [.. history.Where(point => IsComparable(check.Season, point.MeasuredAt, now)).Select(point => point.Value)];
        double mean = points.Length == 0 ? double.NaN : points.Average();
        double deviation = points.Length < 2 ? double.NaN : Math.Sqrt(points.Sum(point => (point - mean) * (point - mean)) / (points.Length - 1));
        double allowed = Math.Max(check.Deviations * deviation, Rounding * Math.Abs(mean));
        string expected = points.Length < check.MinimumPoints
            ? Text($"{check.MinimumPoints} points of history")
            : Text($"{mean:G6} ± {allowed:G6}, {check.Deviations} standard deviations of {points.Length} points{Of(check.Season)}");
        return new PlannedCheck(check, expected, figures =>
        {
            if (figures.Number(0) is not { } figure || !double.IsFinite(figure))
            {
                return new Finding(CheckVerdict.NotApplicable, null, $"The events since generation {rows.Since} have no {check.Metric.Name}.");
            }

            MetricValue measured = new(check.Metric.Name, figure);
            if (points.Length < check.MinimumPoints)
            {
                return new Finding(
                    CheckVerdict.NotApplicable, figure,
                    Text($"The {check.Metric.Name} since generation {rows.Since} is {figure}. Its history has {points.Length} {(points.Length == 1 ? "point" : "points")}{Of(check.Season)}, ")
                    + Text($"and {check.MinimumPoints} are needed to judge it."))
                {
                    Measured = measured,
                };
            }

            bool isMet = Math.Abs(figure - mean) <= allowed;
            return Finding.Of(isMet, figure, $"{check.Metric.Name} since generation {rows.Since}", expected) with
            {
                Measured = measured,
                Samples = isMet ? null : Samples(check.Metric, rows, figure, mean),
            };
        })
        {
            Aggregates = [Aggregate.OfNewRows(Measure(check.Metric, rows.Condition))],
        };
    }

    private static bool IsComparable(Season season, DateTimeOffset point, DateTimeOffset now) => season switch
    {
        Season.HourOfDay => point.UtcDateTime.Hour == now.UtcDateTime.Hour,
        Season.WeekdayAndHour => point.UtcDateTime.Hour == now.UtcDateTime.Hour && point.UtcDateTime.DayOfWeek == now.UtcDateTime.DayOfWeek,
        _ => true,
    };

    private static string Of(Season season) => season switch
    {
        Season.HourOfDay => " of this hour of the day",
        Season.WeekdayAndHour => " of this weekday and hour",
        _ => "",
    };

    private static string Measure(Metric metric, string isNew) => metric.Kind switch
    {
        MetricKind.Events => $"count(*) FILTER (WHERE {isNew})",
        MetricKind.Completeness =>
            $"count({ColumnSql.Of(metric.Member!)}) FILTER (WHERE {isNew}) / nullif(count(*) FILTER (WHERE {isNew}), 0)",
        MetricKind.Mean => $"avg({ColumnSql.Number(metric.Member!)}) FILTER (WHERE {isNew})",
        MetricKind.Minimum => $"min({ColumnSql.Number(metric.Member!)}) FILTER (WHERE {isNew})",
        MetricKind.Maximum => $"max({ColumnSql.Number(metric.Member!)}) FILTER (WHERE {isNew})",
        _ => $"approx_count_distinct({ColumnSql.Comparable(metric.Member!)}) FILTER (WHERE {isNew})",
    };

    /// <summary>The rows that had most to do with it: those without a value, or those farthest from what was expected; else the first.</summary>
    private static string Samples(Metric metric, NewRows rows, double figure, double mean) => metric.Kind switch
    {
        MetricKind.Completeness when figure < mean => RowPlans.Rows($"{rows.Condition} AND {ColumnSql.Of(metric.Member!)} IS NULL"),
        MetricKind.Mean or MetricKind.Minimum or MetricKind.Maximum =>
            $"SELECT * FROM events WHERE {rows.Condition} AND {ColumnSql.Of(metric.Member!)} IS NOT NULL "
            + $"ORDER BY abs({ColumnSql.Number(metric.Member!)} - {ColumnSql.Literal(mean)}) DESC, _partition, _offset",
        _ => RowPlans.Rows(rows.Condition),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
