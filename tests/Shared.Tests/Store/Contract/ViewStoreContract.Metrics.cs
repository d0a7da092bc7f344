using Lambda.Quality;
using Lambda.Store;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task Points_of_metrics_come_with_publications_each_metric_once_and_newest_first()
    {
        await StartAsync(Sample.View());
        BatchLease lease = await LeaseAsync();
        Distribution bins = new([-1.5, 2], null, [3, 4, 5], 6);
        Distribution texts = new(null, ["it's", "ü\0"], [1, 2, 0], 0);
        DateTimeOffset first = Time.GetUtcNow();
        await MeasureAsync(lease, AuditOutcome.Passed, new MetricValue("m", 0.1, bins), new MetricValue("m", 7), new MetricValue("other", 3));
        Time.Advance(TimeSpan.FromHours(1));
        await MeasureAsync(lease, AuditOutcome.Warned, new MetricValue("m", double.NaN), new MetricValue("other", 4));
        Time.Advance(TimeSpan.FromHours(1));
        await MeasureAsync(lease, AuditOutcome.Blocked, new MetricValue("m", 99));
        await MeasureAsync(lease, AuditOutcome.Passed, new MetricValue("m", -2, texts));

        await ReopenAsync();
        await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
        IReadOnlyList<MetricPoint> points = await Store.ReadMetricAsync(Sample.Stream, "m", 10, Token);

        Assert.Equal([(4, -2.0), (1, 0.1)], points.Select(point => (point.Generation, point.Value)));
        Assert.Equal([first.AddHours(2), first], points.Select(point => point.MeasuredAt));
        Assert.Equal(texts.Values, points[0].Distribution!.Values);
        Assert.Equal(bins.Edges, points[1].Distribution!.Edges);
        Assert.Equal([3, 4, 5], points[1].Distribution!.Counts);
        Assert.Equal(6, points[1].Distribution!.Nulls);
        Assert.Equal([4.0], (await Store.ReadMetricAsync(Sample.Stream, "other", 1, Token)).Select(point => point.Value));
        Assert.Empty(await Store.ReadMetricAsync("others", "m", 10, Token));
        Assert.Empty(await Store.ReadMetricAsync(Sample.Stream, "none", 10, Token));
    }

    [Fact]
    public async Task Points_of_metrics_are_dropped_after_more_than_a_year()
    {
        await StartAsync(Sample.View());
        BatchLease lease = await LeaseAsync();
        foreach (double value in (double[])[1, 2, 3])
        {
            await Store.RenewLeaseAsync(lease, TimeSpan.FromDays(1_000), Token);
            await MeasureAsync(lease, AuditOutcome.Passed, new MetricValue("m", value));
            Time.Advance(TimeSpan.FromDays(201));
        }

        Assert.Equal([3.0, 2.0], (await Store.ReadMetricAsync(Sample.Stream, "m", 10, Token)).Select(point => point.Value));
    }

    private async Task MeasureAsync(BatchLease lease, AuditOutcome outcome, params MetricValue[] values)
    {
        CheckSeverity severity = outcome == AuditOutcome.Blocked ? CheckSeverity.Block : CheckSeverity.Warn;
        CheckVerdict verdict = outcome == AuditOutcome.Passed ? CheckVerdict.Passed : CheckVerdict.Failed;
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(7, Boundary.Zero(1), [Sample.View()]), Token);
        AuditReport report = new(
            Sample.Stream, generation, Time.GetUtcNow(), outcome,
            [.. values.Select(value => new CheckResult("c", severity, verdict, value.Value, "m", [])
            {
                Measured = value,
                Expected = "at most 3",
                FailingRows = 5,
            })]);
        if (outcome == AuditOutcome.Blocked)
        {
            await Store.RejectAsync(lease, generation, report, Token);
        }
        else
        {
            await Store.PublishAsync(lease, generation, new Publication(report, [], []), Token);
        }

        CheckResult kept = (await Store.ReadAuditsAsync(Sample.Stream, 50, Token)).Single(audit => audit.Generation == generation).Checks[0];
        Assert.Equal(("at most 3", 5L, null), (kept.Expected, kept.FailingRows, kept.Measured));
    }
}
