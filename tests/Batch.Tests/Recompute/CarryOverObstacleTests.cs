using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>When a run goes on from the generation before, when it has to compute everything, and what becomes of runs that publish nothing.</summary>
public class CarryOverObstacleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_reads_new_events_only_and_one_without_any_reads_none()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(1, platform) { Placement = Placement.ByShop };
        orders.Append(100);
        RunResult first = await platform.RecomputeAsync();
        platform.Append(0, new Order("late", Orders.Day.AddDays(-3), "ams", 20, 1, 1));
        RunResult second = await platform.RecomputeAsync();
        RunResult third = await platform.RecomputeAsync();

        Assert.Null(first.CarriedFrom);
        Assert.Equal((first.Generation, 1L, 1), (second.CarriedFrom, second.Rows, second.Dates));
        Assert.Equal((second.Generation, 0L, 0), (third.CarriedFrom, third.Rows, third.Dates));
        Assert.Contains("1 new event in 1 date", second.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await platform.BatchAsync(platform.Definition.Views[0])).Count(row => row.Start < Lambda.Time.UtcMicroseconds.FromDateTime(Orders.Day.AddDays(-2))));
    }

    // The generation of such a run is begun while its events are read.
    [Fact]
    public async Task A_run_that_cannot_read_its_new_events_leaves_no_generation_begun()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        RunResult first = await platform.RecomputeAsync();
        platform.Append(0, new Order("b", Orders.Day, "ams", 20, 1, 1));

        await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(RunRequest.OnDemand, Platform.Options with { MaxPartialBytes = 1 }));

        GenerationInfo only = Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, int.MaxValue, Cancellation));
        Assert.Equal((first.Generation, GenerationState.Current), (only.Generation, only.State));
        Assert.Equal(first.Generation, (await platform.RecomputeAsync()).CarriedFrom);
    }

    [Fact]
    public async Task A_repetition_that_overtakes_an_event_has_everything_computed_and_says_so()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, new Order("a", Orders.Day, "ams", 20, 1, 1));
        platform.Append(1, new Order("b", Orders.Day, "ams", 20, 1, 1));
        await platform.RecomputeAsync();
        platform.Append(0, new Order("b", Orders.Day, "ams", 99, 1, 1));

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, result.Outcome);
        Assert.Null(result.CarriedFrom);
        Assert.Contains("an event of generation 1 is a repetition of a new one", result.Message, StringComparison.Ordinal);
        Assert.Equal(119L, (long)(Int128)(await platform.BatchAsync(platform.Definition.Views[0])).Single().Results[1]!);
    }

    [Fact]
    public async Task Another_check_has_everything_computed()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.RecomputeAsync();
        StreamDefinition changed = Orders.Catalog(stream => stream.Check("heavy", o => o.Weight > 5)).Streams[0];

        RunResult result = await platform.Run().RunAsync(
            new BatchStream(new StreamPlan(changed), Orders.Partitions, platform.Archive), RunRequest.OnDemand, new Progress<RunProgress>(), Cancellation);

        Assert.Null(result.CarriedFrom);
        Assert.Contains("the checks", result.Message, StringComparison.Ordinal);
        Assert.Empty(await platform.BatchAsync(platform.Definition.Views[0]));
    }

    [Fact]
    public void What_decides_over_events_has_a_fingerprint_and_what_does_not_has_none()
    {
        string usual = Of();

        Assert.Equal(usual, Of());
        Assert.Equal(usual, Of(stream => stream.Expect(e => e.RowCount(1))));
        Assert.NotEqual(usual, Of(stream => stream.Check("heavy", o => o.Weight > 5)));
        Assert.NotEqual(usual, Of(Orders.Moving));
        Assert.NotEqual(Of(stream => stream.Check("odd", o => o.Amount % 2 == 1)), Of(stream => stream.Check("odd", o => IsOdd(o.Amount))));

        static string Of(Action<StreamBuilder<Order>>? more = null) => ComputationFingerprint.Of(Orders.Catalog(more).Streams[0]);
    }

    /// <summary>A new event of the same date makes up for the number of rows, and must not hide the loss.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Rows_that_the_history_has_lost_are_not_carried_over(int dayOfNewEvent)
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.RecomputeAsync();
        platform.Append(0, new Order("b", Orders.Day.AddDays(1), "ams", 20, 1, 1));
        await platform.RecomputeAsync();

        // The commit that took the first order in is undone by another program.
        string log = Path.Combine(platform.Folder, "history", Orders.Stream, "events", "_delta_log");
        string added = Directory.GetFiles(log, "*.json").Order().Select(File.ReadAllLines).SelectMany(lines => lines)
            .First(line => line.Contains("\"add\"", StringComparison.Ordinal));
        string path = System.Text.Json.JsonDocument.Parse(added).RootElement.GetProperty("add").GetProperty("path").GetString()!;
        File.WriteAllText(
            Path.Combine(log, $"{Directory.GetFiles(log, "*.json").Length:D20}.json"),
            $$$"""{"remove":{"path":"{{{path}}}","deletionTimestamp":1,"dataChange":true}}""" + "\n");

        platform.Append(0, new Order("c", Orders.Day.AddDays(dayOfNewEvent), "ams", 20, 1, 1));
        using IStreamArchive archive = await platform.OpenArchiveAsync();

        RunResult result = await platform.RecomputeAsync(archive: archive);

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains("continuity of offsets", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rehearsal_tells_what_would_change_and_leaves_nothing_behind()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.CatchUpSpeedAsync();

        foreach (RunScope scope in Enum.GetValues<RunScope>())
        {
            RunResult rehearsed = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Rehearse) });

            Assert.Equal((RunOutcome.Rehearsed, (long?)null), (rehearsed.Outcome, rehearsed.Generation));
            Assert.Contains("would pass the audit", rehearsed.Message, StringComparison.Ordinal);
            Correction change = rehearsed.Changes.First(change => change.View == "by_shop");
            Assert.Contains("\"orders\":2", change.Before, StringComparison.Ordinal);
            Assert.Contains("\"orders\":1", change.After, StringComparison.Ordinal);
            Assert.Equal(new CorrectionReasons(0, 1, 0, 0), change.Reasons);
            Assert.Equal([1L], (await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation)).Select(info => info.Generation));
            Assert.Empty(await platform.Store.ReadCorrectionsAsync(platform.Definition.Views[0].Layout, WindowRange.All, 10, Cancellation));
            Assert.Single(await platform.Store.ReadAuditsAsync(Orders.Stream, 10, Cancellation));
        }

        RunResult published = await platform.RecomputeAsync();
        Assert.Equal((RunOutcome.Published, 1L), (published.Outcome, published.CarriedFrom));
        Assert.Equal(1, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));
    }

    [Fact]
    public async Task A_generation_that_was_rolled_back_to_serves_with_its_boundary_and_the_next_run_goes_on_from_it()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(4, platform) { Placement = Placement.ByShop };
        await platform.StartSpeedAsync();
        List<RunResult> results = [];
        List<Boundary> boundaries = [];
        for (int round = 0; round < 3; round++)
        {
            orders.Append(60);
            await platform.CatchUpSpeedAsync();
            results.Add(await platform.RecomputeAsync());
            boundaries.Add(await OracleTests.AssertServesOracleAsync(platform, orders, 4));
        }

        IReadOnlyList<string> before = await KeptAsync(results[0]);
        IReadOnlyList<string> newest = await KeptAsync(results[2]);

        await platform.Run().RollBackAsync(platform.Stream(), results[0].Generation!.Value, Cancellation);

        GenerationInfo current = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!;
        Assert.Equal((results[0].Generation, boundaries[0]), (current.Generation, current.Boundary));
        Assert.Equal(before, await KeptAsync(results[0]));
        ViewSnapshot merged = await platform.Store.ReadViewAsync(
            new ViewRead(platform.Definition.Views[0].Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Merged), Cancellation);
        Assert.True(merged.Speed.Count > 0, "The speed layer does not fill up what lies behind the boundary.");
        RunResult next = await platform.RecomputeAsync();
        Assert.Equal((RunOutcome.Published, results[0].Generation), (next.Outcome, next.CarriedFrom));
        Assert.Equal(boundaries[2], await OracleTests.AssertServesOracleAsync(platform, orders, 4));
        ViewStoreException refusal = await Assert.ThrowsAsync<ViewStoreException>(
            () => platform.Run().RollBackAsync(platform.Stream(), 99, Cancellation));
        Assert.Contains("is not kept", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(newest, await KeptAsync(next));
        Assert.Equal(newest, await KeptAsync(results[2]));

        Task<IReadOnlyList<string>> KeptAsync(RunResult run) =>
            CarryOverTests.RowsAsync(platform.Store, platform.Definition.Views[0].Layout, run.Generation!.Value, PartialKind.Kept);
    }

    [Fact]
    public async Task A_run_over_new_events_whose_lease_another_took_publishes_nothing_and_the_next_is_right()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(9, platform) { Placement = Placement.ByShop };
        orders.Append(60);
        RunResult first = await platform.RecomputeAsync();
        orders.Append(20);
        LeaseThief thief = new(platform.Store);

        await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(platform.Run(thief.Wrap())));

        Assert.True(thief.HasStolen);
        Assert.Equal(first.Generation, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation);
        await OracleTests.AssertServesOracleAsync(platform, orders, 9);
        await thief.GiveBackAsync();
        Assert.Equal(first.Generation, (await platform.RecomputeAsync()).CarriedFrom);
        await OracleTests.AssertServesOracleAsync(platform, orders, 9);
    }

    private static bool IsOdd(long amount) => amount % 2 == 1;
}
