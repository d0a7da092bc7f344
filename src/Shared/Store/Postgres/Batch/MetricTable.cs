using Dapper;
using Lambda.Store.Relational;
using Lambda.Time;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>The history of metrics.</summary>
internal static class MetricTable
{
    /// <summary>Adds what a report of a generation that goes live has measured, and drops what is older than histories are kept.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, AuditReport report)
    {
        IReadOnlyList<MetricPoint> points = MetricRules.PointsOf(report);
        if (points.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(
            "DELETE FROM metrics WHERE stream = @Stream AND measured_at < @oldest",
            new { report.Stream, oldest = UtcMicroseconds.From(report.AuditedAt - MetricRules.Retention) }).ConfigureAwait(false);
        foreach (MetricPoint point in points)
        {
            await connection.ExecuteAsync(
                "INSERT INTO metrics VALUES (@Stream, @Metric, @Generation, @measuredAt, @Value, @distribution)",
                new
                {
                    report.Stream,
                    point.Metric,
                    point.Generation,
                    measuredAt = UtcMicroseconds.From(point.MeasuredAt),
                    point.Value,
                    distribution = point.Distribution is { } distribution ? StoredJson.Write(distribution) : null,
                }).ConfigureAwait(false);
        }
    }

    /// <summary>The points of a metric, newest first.</summary>
    public static async ValueTask<IReadOnlyList<MetricPoint>> ReadAsync(NpgsqlConnection connection, string stream, string metric, int limit) =>
    [
        .. (await connection.QueryAsync<(long Generation, long MeasuredAt, double Value, string? Distribution)>(
            "SELECT generation, measured_at, figure, distribution FROM metrics WHERE stream = @stream AND metric = @metric "
            + "ORDER BY generation DESC LIMIT @limit",
            new { stream, metric, limit }).ConfigureAwait(false))
            .Select(row => new MetricPoint(
                metric,
                row.Generation,
                UtcMicroseconds.ToDateTimeOffset(row.MeasuredAt),
                row.Value,
                row.Distribution is { } text ? StoredJson.Read<Distribution>(text) : null)),
    ];
}
