using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;
using Lambda.Time;

namespace Lambda.Store.Embedded.Batch;

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
        // One statement for all: each has to be planned, which takes longer than to insert a row.
        DynamicParameters values = new();
        values.Add("stream", report.Stream);
        for (int i = 0; i < points.Count; i++)
        {
            values.Add($"metric{i}", points[i].Metric);
            values.Add($"generation{i}", points[i].Generation);
            values.Add($"measuredAt{i}", UtcMicroseconds.From(points[i].MeasuredAt));
            values.Add($"value{i}", points[i].Value);
            values.Add($"distribution{i}", points[i].Distribution is { } distribution ? StoredJson.Write(distribution) : null);
        }

        connection.Execute(
            $"INSERT INTO metrics VALUES {string.Join(", ", Enumerable.Range(0, points.Count).Select(i => $"($stream, $metric{i}, $generation{i}, $measuredAt{i}, $value{i}, $distribution{i})"))}",
            values);
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
