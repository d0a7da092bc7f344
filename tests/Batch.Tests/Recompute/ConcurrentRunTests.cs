using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Store;

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
