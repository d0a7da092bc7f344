using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;
using Lambda.Time;

namespace Lambda.Store.Embedded;

/// <summary>The history of metrics.</summary>
internal static class MetricTable
{
    /// <summary>Adds what a report of a generation that goes live has measured, and drops what is older than histories are kept.</summary>
    public static void Add(DuckDBConnection connection, AuditReport report)
    {
        IReadOnlyList<MetricPoint> points = MetricRules.PointsOf(report);
        if (points.Count == 0)
        {
            return;
        }

        connection.Execute(
            "DELETE FROM metrics WHERE stream = $stream AND measured_at < $oldest",
            new { stream = report.Stream, oldest = UtcMicroseconds.From(report.AuditedAt - MetricRules.Retention) });
        foreach (MetricPoint point in points)
        {
            connection.Execute(
                "INSERT INTO metrics VALUES ($stream, $metric, $generation, $measuredAt, $value, $distribution)",
                new
                {
                    stream = report.Stream,
                    metric = point.Metric,
                    generation = point.Generation,
                    measuredAt = UtcMicroseconds.From(point.MeasuredAt),
                    value = point.Value,
                    distribution = point.Distribution is { } distribution ? StoredJson.Write(distribution) : null,
                });
        }
    }

    /// <summary>The points of a metric, newest first.</summary>
    public static IReadOnlyList<MetricPoint> Read(DuckDBConnection connection, string stream, string metric, int limit) => [.. connection
        .Query<(long Generation, long MeasuredAt, double Value, string? Distribution)>(
            "SELECT generation, measured_at, figure, distribution FROM metrics WHERE stream = $stream AND metric = $metric "
            + "ORDER BY generation DESC LIMIT $limit",
            new { stream, metric, limit })
        .Select(row => new MetricPoint(
            metric,
            row.Generation,
            UtcMicroseconds.ToDateTimeOffset(row.MeasuredAt),
            row.Value,
            row.Distribution is { } text ? StoredJson.Read<Distribution>(text) : null))];
}
