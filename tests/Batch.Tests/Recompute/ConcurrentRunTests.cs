using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Tests.Recompute;

public class ConcurrentRunTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_runs_at_once_the_second_waits_and_publishes_after_the_first()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(5, platform);
        orders.Append(200);

        RunResult[] results = await Task.WhenAll(platform.RecomputeAsync(platform.Run()), platform.RecomputeAsync(platform.Run()));

        Assert.All(results, result => Assert.Equal(RunOutcome.Published, result.Outcome));
        IReadOnlyList<GenerationInfo> generations = await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation);
        Assert.Equal([GenerationState.Current, GenerationState.Superseded], generations.Select(generation => generation.State));
        await OracleTests.AssertServesOracleAsync(platform, orders, 5);
    }

    [Fact]
    public async Task A_scheduled_run_ends_while_another_holds_the_stream()
    {
        await using Platform platform = await Platform.CreateAsync();
        BatchLease? lease = await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "another", TimeSpan.FromMinutes(1), Cancellation);
        Assert.NotNull(lease);

        RunResult result = await platform.Run().RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);

        Assert.Equal(RunOutcome.Busy, result.Outcome);
        Assert.Empty(await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation));
    }

    [Fact]
    public async Task A_scheduled_run_does_not_repeat_what_the_last_one_judged()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(6, platform);
        orders.Append(50);
        RecomputeRun run = platform.Run();

        RunResult first = await run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);
        RunResult second = await run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);
        orders.Append(1);
        RunResult third = await run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);

        Assert.Equal([RunOutcome.Published, RunOutcome.UpToDate, RunOutcome.Published], new[] { first, second, third }.Select(result => result.Outcome));
        Assert.Equal(first.Generation, second.Generation);
    }

    /// <summary>Of a run over a long history they are as many as its windows, and they stayed in memory for as long as nothing new came.</summary>
    [Fact]
    public async Task What_a_run_has_changed_is_not_kept_with_what_it_judged()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, New("a"));
        platform.Append(0, New("a"));
        await platform.CatchUpSpeedAsync();
        RecomputeRun run = platform.Run();

        RunResult first = await ScheduledAsync(platform, run);
        RunResult second = await ScheduledAsync(platform, run);

        Assert.Equal((RunOutcome.Published, RunOutcome.UpToDate), (first.Outcome, second.Outcome));
        Assert.NotEmpty(first.Changes);
        Assert.Empty(second.Changes);
    }

    /// <summary>A quiet stream stayed blocked for good: without a new event nobody looked at it again.</summary>
    [Fact]
    public async Task A_scheduled_run_judges_again_what_was_blocked_when_a_gap_is_accepted()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, New("a"));
        platform.Log.Skip(Orders.Stream, 1, 5);
        platform.Append(1, New("b"));
        using (ArchiveRun archived = new(platform.Log, platform.Stream(), AcceptedGaps.None, Platform.Options))
        {
            await archived.ReadAsync(Boundary.Zero(Orders.Partitions), new Boundary([0, 7, 0]), [], Cancellation);
            await platform.Archive.AppendAsync(archived.Events, archived.Ranges, Cancellation);
        }

        RecomputeRun run = platform.Run();
        Assert.Equal(RunOutcome.Blocked, (await ScheduledAsync(platform, run)).Outcome);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync(platform, run)).Outcome);
        await platform.Store.AcceptGapAsync(new LogGap(Orders.Stream, 1, new OffsetRange(1, 6), DateTimeOffset.UnixEpoch), Cancellation);

        Assert.Equal(RunOutcome.Published, (await ScheduledAsync(platform, run)).Outcome);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync(platform, run)).Outcome);
    }

    /// <summary>A replay is what mends a speed layer that has computed something else; a quiet stream stayed blocked after it.</summary>
    [Fact]
    public async Task A_scheduled_run_judges_again_what_was_blocked_when_a_replay_answers()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, New("a"));
        MemoryLog other = new();
        await other.EnsureStreamAsync(Orders.Stream, Orders.Partitions, Cancellation);
        other.Append(Orders.Stream, 1, Platform.Appended, (New("a") with { Amount = 21 }).ToJson());
        await ComputeAsync(platform, other, Orders.Stream);
        RecomputeRun run = platform.Run();
        Assert.Equal(RunOutcome.Blocked, (await ScheduledAsync(platform, run)).Outcome);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync(platform, run)).Outcome);

        IReadOnlyList<PartialLayout> views = [.. platform.Definition.Views.Select(view => view.Layout)];
        int replay = await platform.Store.BeginReplayAsync(Orders.Stream, views, new Boundary([0, 1, 0]), Cancellation);
        await ComputeAsync(platform, platform.Log, EditionLane.Of(Orders.Stream, replay));
        BatchLease lease = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "replay", TimeSpan.FromMinutes(1), Cancellation))!;
        await platform.Store.PromoteAsync(lease, replay, views, Cancellation);
        await platform.Store.ReleaseLeaseAsync(lease, Cancellation);

        RunResult result = await ScheduledAsync(platform, run);
        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync(platform, run)).Outcome);
    }

    [Fact]
    public async Task A_scheduled_run_goes_on_from_the_generation_that_another_process_has_gone_back_to()
    {
        await using Platform platform = await Platform.CreateAsync();
        RecomputeRun run = platform.Run();
        List<RunResult> results = [];
        foreach (string id in (string[])["a", "b"])
        {
            platform.Append(0, New(id));
            results.Add(await ScheduledAsync(platform, run));
        }

        await platform.Run().RollBackAsync(platform.Stream(), results[0].Generation!.Value, Cancellation);

        RunResult next = await ScheduledAsync(platform, run);
        Assert.Equal((RunOutcome.Published, results[0].Generation), (next.Outcome, next.CarriedFrom));
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync(platform, run)).Outcome);
    }

    [Fact]
    public async Task A_run_whose_lease_another_took_publishes_nothing()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(7, platform).Append(50);
        LeaseThief thief = new(platform.Store);
        IViewStore store = thief.Wrap();

        await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(platform.Run(store)));

        Assert.True(thief.HasStolen);
        Assert.Null((await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration);
    }

    [Fact]
    public async Task A_run_that_is_stopped_leaves_everything_as_it_was()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(8, platform).Append(50);
        using CancellationTokenSource stop = new();
        StopAt progress = new(RunProgress.Writing.Step, stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => platform.Run().RunAsync(platform.Stream(), RunRequest.OnDemand, progress, stop.Token));

        Assert.Null((await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    private static Order New(string id) => new(id, Orders.Day, "ams", 20, 1, 1);

    private static async Task ComputeAsync(Platform platform, MemoryLog log, string lane)
    {
        SpeedDriver driver = await SpeedDriver.ClaimAsync(platform.Plan, lane, log, platform.Store, 1, Cancellation);
        await driver.StepAsync(10, EpochEnd.Seal, Cancellation);
    }

    private static Task<RunResult> ScheduledAsync(Platform platform, RecomputeRun run) =>
        run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);

    private sealed class StopAt(string step, CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Step == step)
            {
                stop.Cancel();
            }
        }
    }
}
