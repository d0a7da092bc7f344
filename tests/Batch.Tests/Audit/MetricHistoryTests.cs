using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Quality;
using Lambda.Store;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Audit;

/// <summary>Checks that look back: at the metric history and at the distribution of the generation that serves.</summary>
public class MetricHistoryTests
{
    /// <summary>A Wednesday.</summary>
    private static readonly DateTimeOffset Start = new(2024, 5, 8, 10, 30, 0, TimeSpan.Zero);

    private int _next = 1;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mean_that_is_far_from_its_history_blocks_and_its_point_is_not_kept()
    {
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream => stream.Expect(e => e.Anomaly(m => m.Mean(p => p.Ratio), deviations: 3, minimumPoints: 3))), time: new FakeTimeProvider(Start));
        double[] means = [0.5, 0.4, 0.6, 0.5];
        foreach (double mean in (double[])[99, .. means])
        {
            CheckResult early = Anomaly(await RunAsync(platform, mean));
            Assert.Equal(mean == means[^1] && _next > 10 ? CheckVerdict.Passed : CheckVerdict.NotApplicable, early.Verdict);
        }

        CheckResult usual = Anomaly(await RunAsync(platform, 0.55));
        RunResult blocked = await RunAsync(platform, 5);

        // Four points: mean 0.5, sample deviation sqrt(0.02 / 3) = 0.0816.
        Assert.Equal(CheckVerdict.Passed, usual.Verdict);
        Assert.Equal(0.55, usual.Observed!.Value, 12);
        Assert.Equal("0.5 ± 0.244949, 3 standard deviations of 4 points", usual.Expected);
        CheckResult unusual = Anomaly(blocked);
        Assert.Equal((RunOutcome.Blocked, CheckVerdict.Failed), (blocked.Outcome, unusual.Verdict));
        Assert.Contains("\"ratio\":5", unusual.SampleRows[0], StringComparison.Ordinal);
        IReadOnlyList<MetricPoint> points = await platform.Store.ReadMetricAsync(Orders.Stream, "mean of ratio", 100, Cancellation);
        Assert.Equal([0.55, 0.5, 0.6, 0.4, 0.5], points.Select(point => Math.Round(point.Value, 9)));
        Assert.All(points, point => Assert.Equal(Start, point.MeasuredAt));
    }

    [Fact]
    public async Task A_season_compares_the_same_weekday_and_hour_only()
    {
        FakeTimeProvider time = new(Start);
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream => stream.Expect(
                e => e.Anomaly(m => m.Events(), minimumPoints: 2, season: Season.WeekdayAndHour), CheckSeverity.Warn)),
            time: time);
        await RunAsync(platform, 0.5);
        foreach ((double hours, int events) in ((double, int)[])[(0, 5), (168, 6), (1, 50), (24, 60), (143, 5)])
        {
            time.Advance(TimeSpan.FromHours(hours));
            await RunAsync(platform, 0.5, events);
        }

        // Two weeks after the first: a third point of the hour. Fifty are usual an hour and a day later, but not now.
        time.Advance(TimeSpan.FromMinutes(15));
        CheckResult check = Anomaly(await RunAsync(platform, 0.5, 50));

        Assert.Equal((CheckVerdict.Failed, 50.0), (check.Verdict, check.Observed));
        Assert.EndsWith("3 standard deviations of 3 points of this weekday and hour", check.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_new_events_there_is_nothing_to_judge()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Anomaly(m => m.Events(), minimumPoints: 2)).Expect(e => e.Drift(p => p.Ratio, minimumEvents: 1))));
        await RunAsync(platform, 0.5);

        RunResult again = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, again.Outcome);
        Assert.All(again.Report!.Checks.TakeLast(2), check =>
        {
            Assert.Equal(CheckVerdict.NotApplicable, check.Verdict);
            Assert.Contains("No event has come since generation 1", check.Message, StringComparison.Ordinal);
        });
        Assert.Empty(await platform.Store.ReadMetricAsync(Orders.Stream, "number of new events", 100, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Drift_is_the_population_stability_index_of_new_events_against_those_before(int seed)
    {
        Random random = new(seed);
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Drift(p => p.Ratio, atMost: 0.2, bins: 4, minimumEvents: 40), CheckSeverity.Warn)
            .Expect(e => e.Drift(p => p.Code, atMost: 0.2, bins: 2, minimumEvents: 40), CheckSeverity.Warn)));
        string?[] codes = ["A", "A", "A", "B", "B", "it's", null];
        List<Parcel> first = Random(random, 200, codes, shift: 0);
        List<Parcel> second = Random(random, 100, codes, shift: 0);
        List<Parcel> third = Random(random, 100, ["B", null, "new\0"], shift: 0.3);

        CheckResult[] none = await DriftAsync(platform, first);
        CheckResult[] same = await DriftAsync(platform, second);
        CheckResult[] other = await DriftAsync(platform, third);

        Assert.All(none, check => Assert.Equal(CheckVerdict.NotApplicable, check.Verdict));
        Assert.All(same, check => Assert.True(check.Verdict == CheckVerdict.Passed, $"seed {seed}: {check.Message}"));
        Assert.All(other, check => Assert.True(check.Verdict == CheckVerdict.Failed, $"seed {seed}: {check.Message}"));
        Assert.All(other, check => Assert.Equal(5, check.SampleRows.Count));
        MetricPoint bins = (await platform.Store.ReadMetricAsync(Orders.Stream, "distribution of ratio in 4 bins", 9, Cancellation))[^1];
        double[] edges = [.. bins.Distribution!.Edges!];
        Assert.Equal(3, edges.Length);
        int Bin(Parcel parcel) => edges.TakeWhile(edge => parcel.Ratio > edge).Count();
        int Group(Parcel parcel) => parcel.Code switch { null => 3, "A" => 0, "B" => 1, _ => 2 };
        Assert.Equal(Index(first, second, Bin, 5), same[0].Observed!.Value, 9);
        Assert.Equal(Index([.. first, .. second], third, Bin, 5), other[0].Observed!.Value, 9);
        Assert.Equal(Index(first, second, Group, 4), same[1].Observed!.Value, 9);
        Assert.Equal(Index([.. first, .. second], third, Group, 4), other[1].Observed!.Value, 9);
    }

    /// <summary>New events were held against what had been newest: of a generation that was gone back from, they were among those themselves.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drift_is_against_the_generation_that_serves_whichever_was_measured_last(bool isRolledBack)
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Drift(p => p.Ratio, bins: 4, minimumEvents: 10), CheckSeverity.Warn)
            .Expect(e => e.Drift(p => p.Code, bins: 2, minimumEvents: 10), CheckSeverity.Warn)));
        List<Parcel> first = Random(new Random(1), 40, ["A", "B", null], shift: 0);
        List<Parcel> others = Random(new Random(2), 400, ["C"], shift: 1);
        await DriftAsync(platform, first);
        CheckResult[] expected = await DriftAsync(platform, others);
        if (isRolledBack)
        {
            await platform.Run().RollBackAsync(platform.Stream(), 1, Cancellation);
        }

        CheckResult[] found = await DriftAsync(platform, []);

        Assert.All(expected, check => Assert.Equal(CheckVerdict.Failed, check.Verdict));
        Assert.All(found, check => Assert.Equal(isRolledBack ? CheckVerdict.Failed : CheckVerdict.NotApplicable, check.Verdict));
        Assert.Equal(isRolledBack ? expected.Select(check => check.Observed) : [null, null], found.Select(check => check.Observed));
    }

    /// <summary>A member that is new in the event type is null at first: without bins for its values, the check passed whatever these were.</summary>
    [Fact]
    public async Task Drift_has_bins_from_the_first_generation_with_a_value_on()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Drift(p => p.Count, bins: 4, minimumEvents: 10), CheckSeverity.Warn)
            .Expect(e => e.Drift(p => p.Code, bins: 2, minimumEvents: 10), CheckSeverity.Warn)));

        List<Parcel> Some(string? code, int? count) => [.. Enumerable.Range(0, 30).Select(_ => Parcel.Of(_next++) with { Code = code, Count = count })];
        await DriftAsync(platform, Some(null, null));
        await DriftAsync(platform, [.. Some("A", 1), .. Some(null, null)]);
        CheckResult[] same = await DriftAsync(platform, [.. Some("A", 1), .. Some(null, null)]);
        CheckResult[] other = await DriftAsync(platform, [.. Some("B", 100), .. Some(null, null)]);

        Assert.All(same, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));
        Assert.All(other, check => Assert.True(check.Verdict == CheckVerdict.Failed, check.Message));
    }

    private static double Index(List<Parcel> before, List<Parcel> after, Func<Parcel, int> bin, int bins)
    {
        double sum = 0;
        for (int i = 0; i < bins; i++)
        {
            double q = (before.Count(parcel => bin(parcel) == i) + 0.5) / (before.Count + (0.5 * bins));
            double p = (after.Count(parcel => bin(parcel) == i) + 0.5) / (after.Count + (0.5 * bins));
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    private List<Parcel> Random(Random random, int count, string?[] codes, double shift) =>
        [.. Enumerable.Range(0, count).Select(_ => Parcel.Of(_next++) with
        {
            Ratio = random.NextDouble() + shift,
            Code = codes[random.Next(codes.Length)],
        })];

    private static async Task<CheckResult[]> DriftAsync(Platform platform, List<Parcel> parcels)
    {
        for (int i = 0; i < parcels.Count; i++)
        {
            platform.Append(i % Orders.Partitions, parcels[i].ToJson());
        }

        RunResult result = await platform.RecomputeAsync();
        return [.. result.Report!.Checks.TakeLast(2)];
    }

    private async Task<RunResult> RunAsync(Platform platform, double ratio, int events = 2)
    {
        for (int i = 0; i < events; i++)
        {
            platform.Append(i % Orders.Partitions, (Parcel.Of(_next++) with { Ratio = ratio }).ToJson());
        }

        return await platform.RecomputeAsync();
    }

    private static CheckResult Anomaly(RunResult result) => result.Report!.Checks.Single(check => check.Name.StartsWith("anomaly", StringComparison.Ordinal));
}
