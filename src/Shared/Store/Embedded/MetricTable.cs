using Dapper;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Store.Embedded.Vectors;
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
        var stream = new ColumnBuffer<string>(ColumnType.String);
        var metric = new ColumnBuffer<string>(ColumnType.String);
        var generation = new ColumnBuffer<long>(ColumnType.Int64);
        var measuredAt = new ColumnBuffer<long>(ColumnType.Int64);
        var figure = new ColumnBuffer<double>(ColumnType.Double);
        var distribution = new ColumnBuffer<string>(ColumnType.String);
        foreach (MetricPoint point in points)
        {
            stream.Add(report.Stream);
            metric.Add(point.Metric);
            generation.Add(point.Generation);
            measuredAt.Add(UtcMicroseconds.From(point.MeasuredAt));
            figure.Add(point.Value);
            if (point.Distribution is { } measured)
            {
                distribution.Add(StoredJson.Write(measured));
            }
            else
            {
                distribution.AddNull();
            }
        }

        ChunkAppend.Run(
            connection,
            null,
            "metrics",
            [.. new ColumnBuffer[] { stream, metric, generation, measuredAt, figure, distribution }.Select(VectorWriter.Of)],
            0,
            points.Count);
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
