using System.Text.Json;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Tests.Audit;

public class AuditTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blocked_audit_leaves_what_is_served_and_shows_rows_that_fail()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.Expect(e => e.Range(o => o.Weight, -5.0, 5.0))));
        platform.Append(0, new Order("good", Orders.Day.AddHours(1), "ams", 20, 1.5, 2m));
        RunResult first = await platform.RecomputeAsync();
        platform.Append(0, new Order("heavy", Orders.Day.AddHours(1), "ams", 20, 99, 2m));
        platform.Append(1, new Order("bad and heavy", Orders.Day.AddHours(1), "ams", -1, 99, 2m));

        RunResult second = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, first.Outcome);
        Assert.Equal(RunOutcome.Blocked, second.Outcome);
        Assert.Contains("range of weight", second.Message, StringComparison.Ordinal);
        StreamStatus status = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!;
        Assert.Equal(first.Generation, status.CurrentGeneration!.Generation);
        Assert.Equal(1, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));

        AuditReport report = (await platform.Store.ReadAuditsAsync(Orders.Stream, 1, Cancellation))[0];
        Assert.Equal((second.Generation, AuditOutcome.Blocked), (report.Generation, report.Outcome));
        CheckResult check = report.Checks.Single(check => check.Name == "range of weight");
        Assert.Equal((CheckVerdict.Failed, 1.0), (check.Verdict, check.Observed));
        using JsonDocument row = JsonDocument.Parse(Assert.Single(check.SampleRows));
        Assert.Equal("heavy", row.RootElement.GetProperty("id").GetString());
        Assert.Equal(99, row.RootElement.GetProperty("weight").GetDouble());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1_000_000)]
    public async Task Slices_are_counted_once_however_much_is_compared_at_once(long events)
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving));
        await platform.StartSpeedAsync();

        // Windows of fifty minutes, begun every twenty at five past, are made of slices of ten: those at midnight are parts of windows of both days.
        for (int minutes = -60; minutes < 60; minutes += 5)
        {
            platform.Append(0, new Order($"{minutes}", Orders.Day.AddMinutes(minutes), "ams", 20, 1, null));
        }

        await platform.CatchUpSpeedAsync();
        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand, Platform.Options with { ComparedEvents = events });

        CheckResult check = result.Report!.Checks.Single(check => check.Name == "conservation of moving");
        Assert.Equal("Both layers have the same events and results in all 13 slices.", check.Message);
    }

    [Fact]
    public async Task A_check_that_only_warns_lets_the_generation_go_live()
    {
        await using Platform platform = await Platform.CreateAsync(
            Orders.Catalog(stream => stream.Expect(e => e.RowCount(100), CheckSeverity.Warn)));
        platform.Append(0, new Order("one", Orders.Day, "ams", 20, 1, null));

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, result.Outcome);
        Assert.Equal(AuditOutcome.Warned, result.Report!.Outcome);
    }

    [Fact]
    public async Task Data_checks_see_the_rows_that_count_and_no_others()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream
            .Expect(e => e.RowCount(3, 3)).Expect(e => e.Completeness(o => o.Price, 0.6)).Expect(e => e.Uniqueness(o => o.Id))
            .Expect(e => e.Range(o => o.Amount, 1L, 100L)).Expect(e => e.Range(o => o.Price, 1.10m, 2.20m))));
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1.1m));
        platform.Append(1, new Order("a", Orders.Day, "ams", 20, 1, 1.1m));
        platform.Append(0, new Order("b", Orders.Day, "ams", 100, 1, 2.20m));
        platform.Append(0, new Order("c", Orders.Day, "ams", 20, 1, null));
        platform.Append(0, new Order("d", Orders.Day, "ams", -1, 1, null));

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(
            [3, 2 / 3.0, 0, 0, 0],
            result.Report!.Checks.TakeLast(5).Select(check => check.Observed!.Value));
    }

    [Theory]
    [InlineData("row count")]
    [InlineData("completeness of price")]
    [InlineData("uniqueness of id")]
    [InlineData("range of price")]
    public async Task Every_data_check_can_fail(string failing)
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream
            .Expect(e => e.RowCount(0, 2)).Expect(e => e.Completeness(o => o.Price, 0.9)).Expect(e => e.Uniqueness(o => o.Id))
            .Expect(e => e.Range(o => o.Price, 1.10m, 2.20m))));
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 2.2000000000000001m));
        platform.Append(0, new Order("a", Orders.Day.AddMinutes(1), "ams", 20, 1, 1.1m));
        platform.Append(0, new Order("c", Orders.Day, "ams", 20, 1, null));

        RunResult result = await platform.RecomputeAsync();

        CheckResult check = result.Report!.Checks.Single(check => check.Name == failing);
        Assert.Equal(CheckVerdict.Failed, check.Verdict);
        Assert.Equal(failing != "row count", check.SampleRows.Count > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_speed_partial_that_was_tampered_with_blocks_and_is_named(int earlierRuns)
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        long? serving = null;
        for (int run = 0; run < earlierRuns; run++)
        {
            platform.Append(0, new Order("z", Orders.Day.AddHours(1), "ams", 20, 1, 1));
            await platform.CatchUpSpeedAsync();
            serving = (await platform.RecomputeAsync()).Generation;
            Assert.NotNull(serving);
        }

        platform.Append(0, new Order("a", Orders.Day.AddHours(2), "ams", 20, 1, 1));
        platform.Append(1, new Order("b", Orders.Day.AddHours(2), "ber", 30, 1, 1));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, "by_shop", "ber").Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        CheckResult check = result.Report!.Checks.Single(check => check.Name == "conservation of by_shop");
        Assert.Equal((CheckVerdict.Failed, CheckSeverity.Block), (check.Verdict, check.Severity));
        Assert.Contains("'by_shop', key {\"shop\":\"ber\"}, window [2024-05-04T02:00:00Z, 2024-05-04T03:00:00Z)", check.Message, StringComparison.Ordinal);
        Assert.Contains("2 events", check.Message, StringComparison.Ordinal);
        Assert.Contains("\"amount\":30", check.Message, StringComparison.Ordinal);
        using JsonDocument sample = JsonDocument.Parse(Assert.Single(check.SampleRows));
        Assert.Equal(2, sample.RootElement.GetProperty("speed").GetProperty("events").GetInt64());
        Assert.Equal(1, sample.RootElement.GetProperty("batch").GetProperty("events").GetInt64());
        Assert.Equal(CheckVerdict.Passed, result.Report.Checks.Single(other => other.Name == "conservation of small").Verdict);
        CheckResult explained = result.Report.Checks.Single(other => other.Name == "explained corrections");
        Assert.Equal(CheckVerdict.Failed, explained.Verdict);
        Assert.Contains("\"windowStart\":\"2024-05-04T02:00:00Z\"", explained.SampleRows[0], StringComparison.Ordinal);
        Assert.Equal(serving, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration?.Generation);
    }

    /// <summary>Each form of windows is compared in a way of its own, and so are all events and those that a generation has come to have.</summary>
    [Theory]
    [InlineData("moving", nameof(RunScope.All))]
    [InlineData("days", nameof(RunScope.All))]
    [InlineData("visits", nameof(RunScope.All))]
    [InlineData("runs", nameof(RunScope.All))]
    [InlineData("ever", nameof(RunScope.All))]
    [InlineData("moving", nameof(RunScope.New))]
    [InlineData("days", nameof(RunScope.New))]
    [InlineData("visits", nameof(RunScope.New))]
    [InlineData("runs", nameof(RunScope.New))]
    [InlineData("ever", nameof(RunScope.New))]
    public async Task A_difference_in_windows_of_any_form_blocks_and_view_key_and_window_are_named(string view, string scope)
    {
        await using Platform platform = await Platform.CreateAsync(CarryOverTests.Catalogue());
        await platform.StartSpeedAsync();
        platform.Append(0, new Order("a", Orders.Day.AddHours(1), "ams", 20, 1, 1));
        platform.Append(1, new Order("b", Orders.Day.AddHours(1), "ber", 20, 1, 1));
        await platform.CatchUpSpeedAsync();
        long serving = (await platform.RecomputeAsync()).Generation!.Value;
        platform.Append(0, new Order("c", Orders.Day.AddHours(2), "ams", 20, 1, 1));
        platform.Append(1, new Order("d", Orders.Day.AddHours(2), "ber", 30, 1, 1));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.Run(new TamperedSpeed(platform.Store, view, "ber").Wrap()).RunAsync(
            platform.Stream(), RunRequest.OnDemand with { Order = new BatchRunOrder(Enum.Parse<RunScope>(scope), RunPurpose.Publish) }, new Progress<RunProgress>(), Cancellation);

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        CheckResult check = Assert.Single(
            result.Report!.Checks, check => check.Verdict == CheckVerdict.Failed && check.Name.StartsWith("conservation", StringComparison.Ordinal));
        Assert.Equal(($"conservation of {view}", CheckSeverity.Block), (check.Name, check.Severity));
        Assert.Contains($"'{view}', key {{\"shop\":\"ber\"}}, window [", check.Message, StringComparison.Ordinal);
        Assert.Contains("\"ber\"", check.SampleRows[0], StringComparison.Ordinal);
        Assert.Equal(serving, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation);
    }

    [Fact]
    public async Task Of_many_differences_all_are_counted_and_the_first_told_however_many_are_looked_at_at_once()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        foreach (int day in (int[])[9, 3, 7, 1, 8, 2, 6, 5])
        {
            platform.Append(0, new Order($"o{day}", Orders.Day.AddDays(day), "ber", 20, 1, 1));
        }

        await platform.CatchUpSpeedAsync();
        List<CheckResult> told = [];
        foreach (long atOnce in (long[])[1, 3, long.MaxValue])
        {
            RecomputeRun run = platform.Run(
                new TamperedSpeed(platform.Store, "by_shop", "ber").Wrap(), Platform.Options with { ComparedEvents = atOnce });
            RunResult result = await run.RunAsync(
                platform.Stream(), RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Rehearse) }, new Progress<RunProgress>(), Cancellation);
            told.Add(result.Report!.Checks.Single(check => check.Name == "conservation of by_shop"));
        }

        Assert.All(told, check =>
        {
            Assert.Equal(8, check.Observed);
            Assert.Contains("In all 8 windows differ.", check.Message, StringComparison.Ordinal);
            Assert.Equal(told[0].Message, check.Message);
            Assert.Equal(
                new[] { 1, 2, 3, 5, 6 }.Select(day => Orders.Day.AddDays(day)),
                check.SampleRows.Select(row => JsonSerializer.Deserialize<JsonElement>(row).GetProperty("windowStart").GetDateTime()));
        });
    }

    [Fact]
    public async Task Layers_are_not_compared_over_offsets_that_the_speed_layer_has_not_computed()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.RecomputeAsync();
        await platform.StartSpeedAsync();

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });

        CheckResult check = result.Report!.Checks.Single(check => check.Name == "conservation of small");
        Assert.Equal(CheckVerdict.NotApplicable, check.Verdict);
        Assert.Contains("partition 0 only up to offset 0, not to the boundary at 1", check.Message, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Published, result.Outcome);
    }
}
