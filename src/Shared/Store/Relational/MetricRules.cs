namespace Lambda.Store.Relational;

/// <summary>What becomes of the figures of a report.</summary>
internal static class MetricRules
{
    /// <summary>How long points are kept: a year, so that seasons can be compared, and some more.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    /// <summary>The points of a report, each metric once, however many checks use it. What is not a number is no point.</summary>
    public static IReadOnlyList<MetricPoint> PointsOf(AuditReport report) =>
    [
        .. report.Checks.Select(check => check.Measured).OfType<MetricValue>().Where(value => double.IsFinite(value.Value)).DistinctBy(value => value.Metric)
            .Select(value => new MetricPoint(value.Metric, report.Generation, report.AuditedAt, value.Value, value.Distribution)),
    ];
}
