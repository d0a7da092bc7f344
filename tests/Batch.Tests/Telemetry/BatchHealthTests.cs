using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Batch.Tests.Support;
using Lambda.Health;
using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Tests.Telemetry;

/// <summary>When the batch layer says that it does its job, and why not.</summary>
[Collection(nameof(BatchHost))]
public class BatchHealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_layer_is_ready_when_its_job_server_reports_and_degraded_after_a_blocked_audit()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.Expect(e => e.RowCount(5))));
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IHealthSource health = Assert.Single(host.Services.GetServices<IHealthSource>());
        await ServerAsync(host);
        PartHealth before = await health.CheckAsync(Cancellation);
        Assert.Equal(("batch", HealthState.Ready), (health.Part, before.State));

        await JobEnds.WaitAsync(await host.Services.GetRequiredService<IBatchRuns>().StartAsync(Orders.Stream, Cancellation));

        PartHealth after = await health.CheckAsync(Cancellation);
        ItemHealth stream = Assert.Single(after.Items);
        Assert.Equal((HealthState.Degraded, Orders.Stream, HealthState.Degraded), (after.State, stream.Name, stream.State));
        Assert.Contains("was blocked by row count", stream.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_could_not_be_archived_or_computed_makes_the_layer_unready_until_it_can()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IHealthSource health = host.Services.GetRequiredService<IHealthSource>();
        await ServerAsync(host);
        BatchMetrics metrics = host.Services.GetRequiredService<BatchMetrics>();

        metrics.OnArchiveFailed(Orders.Stream, new InvalidOperationException("Offsets [3, 7) are gone."));
        Assert.Equal(
            new ItemHealth(Orders.Stream, HealthState.NotReady, "The log could not be archived: Offsets [3, 7) are gone."),
            Assert.Single((await health.CheckAsync(Cancellation)).Items));

        await host.Services.GetRequiredService<BatchRunner>().ArchiveAsync(Orders.Stream, Cancellation);
        Assert.Equal(HealthState.Ready, (await health.CheckAsync(Cancellation)).State);
    }

    [Theory]
    [InlineData(RunOutcome.Busy, true)]
    [InlineData(RunOutcome.Rehearsed, true)]
    [InlineData(RunOutcome.UpToDate, false)]
    [InlineData(RunOutcome.Published, false)]
    internal void A_run_that_failed_is_told_until_one_has_shown_that_runs_succeed_again(RunOutcome next, bool isTold)
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        BatchMetrics metrics = new(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        metrics.OnRunFailed(Orders.Stream, new InvalidOperationException("The disk is full."));

        metrics.OnRun(Orders.Stream, new RunResult(next, null, null, 0, 0, ""), TimeSpan.FromSeconds(1));

        Assert.Equal(isTold ? "The disk is full." : null, metrics.Board.Streams[Orders.Stream].RunError);
    }

    [Fact]
    public async Task Without_a_job_server_the_layer_is_not_ready()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using ServiceProvider services = new ServiceCollection().AddLogging()
            .AddSingleton(platform.Catalog).AddSingleton<Lambda.Log.IEventLog>(platform.Log).AddSingleton(platform.Store)
            .AddBatchLayer(BatchHost.Quiet, Path.Combine(platform.Folder, "history"), JobStorageChoice.Memory)
            .BuildServiceProvider();

        PartHealth health = await services.GetRequiredService<IHealthSource>().CheckAsync(Cancellation);

        Assert.Equal(HealthState.NotReady, health.State);
        Assert.Contains("No job server has reported for 90 s", health.Reason, StringComparison.Ordinal);
        Assert.Contains("this machine's clock is ahead of the database's", health.Reason, StringComparison.Ordinal);
    }

    /// <summary>The job server announces itself after the host has started; a job that it has done shows that it has.</summary>
    private static async Task ServerAsync(BatchHost host)
    {
        Hangfire.IBackgroundJobClient jobs = host.Services.GetRequiredService<Hangfire.IBackgroundJobClient>();
        await JobEnds.WaitAsync(Hangfire.BackgroundJobClientExtensions.Enqueue(jobs, () => NoWork.Do()));
    }
}

/// <summary>A job of nothing.</summary>
public static class NoWork
{
    public static void Do()
    {
    }
}
