using Hangfire;
using Hangfire.Storage;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Tests.Jobs;

/// <summary>Parts as Hangfire jobs, where one process has all of them.</summary>
[Collection(nameof(BatchHost))]
public class PartJobTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_with_much_to_read_is_computed_in_parts()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(5, platform);
        orders.Append(900);
        await using BatchHost host = await BatchHost.StartAsync(
            platform, BatchHost.Quiet with { PartEvents = 100 }, services => services.AddRunsInParts());
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();

        string runId = await runs.StartAsync(Orders.Stream, Cancellation);

        Assert.Equal("Succeeded", await JobEnds.WaitAsync(runId));
        Assert.Contains(runs.Find(runId)!.Log, line => line.Text.StartsWith("reading history in ", StringComparison.Ordinal));
        IMonitoringApi jobs = host.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        int parts = jobs.SucceededJobs(0, 100).Count(job => job.Value.Job.Type == typeof(PartJob));
        Assert.True(parts > 1, $"{parts} parts");
        Assert.Contains(runs.Find(runId)!.Log, line => line.Text == $"reading history in {parts} parts");
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(platform.Folder, "history", Orders.Stream, "runs")));
        await OracleTests.AssertServesOracleAsync(platform, orders, 5);
    }

    /// <summary>More runs than there are workers on their queue, all of which wait for parts or for one another.</summary>
    [Fact]
    public async Task Runs_that_wait_do_not_keep_parts_from_being_computed()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(6, platform).Append(600);
        await using BatchHost host = await BatchHost.StartAsync(
            platform, BatchHost.Quiet with { PartEvents = 100 }, services => services.AddRunsInParts());
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add(await runs.StartAsync(Orders.Stream, new BatchRunOrder(RunScope.All, RunPurpose.Publish), Cancellation));
        }

        foreach (string id in ids)
        {
            Assert.Equal("Succeeded", await JobEnds.WaitAsync(id));
        }
    }

    [Fact]
    public async Task A_run_that_is_cancelled_stops_its_parts()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(7, platform).Append(900);
        ClosedGate storage = new(new LocalObjectStorage(Path.Combine(platform.Folder, "history")));
        await using BatchHost host = await BatchHost.StartAsync(
            platform, BatchHost.Quiet with { PartEvents = 100 }, services => services.AddRunsInParts().AddSingleton<IObjectStorage>(storage));
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        string runId = await runs.StartAsync(Orders.Stream, Cancellation);
        await storage.Reached.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        runs.Cancel(runId);

        Assert.Equal("Deleted", await JobEnds.WaitAsync(runId));
        await storage.Released.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        IMonitoringApi jobs = host.Services.GetRequiredService<JobStorage>().GetMonitoringApi();

        // The run is deleted before it has come to an end, at which it withdraws its parts one after the other.
        await HangfireTests.WaitUntilAsync(() => jobs.DeletedJobs(0, 100).Count(job => job.Value.Job.Type == typeof(PartJob)) > 1
            && jobs.EnqueuedCount(PartJob.Queue) == 0);
        Assert.DoesNotContain(jobs.SucceededJobs(0, 100), job => job.Value.Job.Type == typeof(PartJob));
    }

    /// <summary>A storage that nobody gets a result of a part into.</summary>
    private sealed class ClosedGate(IObjectStorage inner) : PassingStorage(inner)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Somebody wants to write one.</summary>
        public Task Reached => _reached.Task;

        /// <summary>Somebody was told to stop who wanted to.</summary>
        public Task Released => _released.Task;

        public override async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            if (name.EndsWith(".result", StringComparison.Ordinal))
            {
                _reached.TrySetResult();
                await using CancellationTokenRegistration told = cancellationToken.Register(() => _released.TrySetResult());
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await base.PutIfAbsentAsync(name, content, cancellationToken);
        }
    }
}
