using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using Lambda.Batch.Archive;
using Lambda.Batch.Jobs;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Jobs;

[Collection(nameof(BatchHost))]
public class HangfireTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_is_asked_for_publishes_and_can_be_watched()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(3, platform);
        orders.Append(100);
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();

        string runId = await runs.StartAsync("ORDERS", Cancellation);

        Assert.Equal("Succeeded", await JobEnds.WaitAsync(runId));
        BatchRunStatus status = runs.Find(runId)!;
        Assert.Equal((BatchRunState.Published, Orders.Stream, 1.0), (status.State, status.Stream, status.Progress));
        Assert.NotNull(status.Generation);
        Assert.NotNull(status.EndedAt);
        Assert.Equal([status with { Log = [] }], runs.Recent("orders", 10));
        Assert.Equal(
            ["reading history", "writing the generation", "auditing", "publishing", "done", status.Message],
            status.Log.Select(line => line.Text).Skip(3));
        await OracleTests.AssertServesOracleAsync(platform, orders, 3);
    }

    [Fact]
    public async Task A_blocked_run_counts_as_failed_and_is_not_tried_again()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.Expect(e => e.RowCount(5))));
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();

        string runId = await runs.StartAsync(Orders.Stream, Cancellation);

        Assert.Equal("Failed", await JobEnds.WaitAsync(runId));
        Assert.Equal(BatchRunState.Blocked, runs.Find(runId)!.State);
        Assert.Contains("number of rows is 0, but at least 5 was expected", runs.Find(runId)!.Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Services.GetRequiredService<JobStorage>().GetMonitoringApi().ScheduledCount());
    }

    [Fact]
    public async Task Runs_asked_for_at_the_same_time_publish_one_after_the_other()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(4, platform).Append(50);
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();

        string[] ids = [await runs.StartAsync(Orders.Stream, Cancellation), await runs.StartAsync(Orders.Stream, Cancellation)];
        string[] ends = [await JobEnds.WaitAsync(ids[0]), await JobEnds.WaitAsync(ids[1])];

        Assert.Equal(["Succeeded", "Succeeded"], ends);
        Assert.Single(
            await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation), generation => generation.State == GenerationState.Current);
    }

    [Fact]
    public async Task A_run_at_work_can_be_cancelled()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        BatchLease held = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "somebody else", TimeSpan.FromMinutes(5), Cancellation))!;
        string runId = await runs.StartAsync(Orders.Stream, Cancellation);
        await WaitUntilAsync(() => runs.Find(runId) is { Step: "waiting for another run" });

        runs.Cancel(runId);

        Assert.Equal("Deleted", await JobEnds.WaitAsync(runId));
        await WaitUntilAsync(() => runs.Find(runId) is { EndedAt: not null });
        Assert.Equal(
            (BatchRunState.Cancelled, "The run was cancelled; what was published before serves on."),
            (runs.Find(runId)!.State, runs.Find(runId)!.Message));
        await platform.Store.ReleaseLeaseAsync(held, Cancellation);
        Assert.Equal(BatchRunState.Cancelled, runs.Cancel(runId)!.State);
        Assert.Null(runs.Cancel("no run of ours"));
    }

    [Fact]
    public async Task A_stream_can_have_a_schedule_of_its_own()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.RecomputeEvery("30 4 * * 1")));
        await using BatchHost host = await BatchHost.StartAsync(platform);

        using IStorageConnection connection = host.Services.GetRequiredService<JobStorage>().GetConnection();

        Assert.Equal("30 4 * * 1", connection.GetRecurringJobs().Single(job => job.Id == "recompute orders").Cron);
    }

    [Fact]
    public async Task A_wrong_schedule_of_a_stream_stops_the_host_from_starting()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.RecomputeEvery("at dawn")));

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => BatchHost.StartAsync(platform));

        Assert.StartsWith("RecomputeEvery of stream 'orders' 'at dawn' is not a cron expression", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_stream_has_its_recurring_jobs()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform, BatchHost.Quiet with { RecomputeSchedule = "0 3 * * *" });

        using IStorageConnection connection = host.Services.GetRequiredService<JobStorage>().GetConnection();
        List<RecurringJobDto> jobs = connection.GetRecurringJobs();

        Assert.Equal(["archive orders", "compact orders", "expire orders", "recompute orders", "vacuum orders"], jobs.Select(job => job.Id).Order());
        Assert.Equal("0 3 * * *", jobs.Single(job => job.Id == "recompute orders").Cron);
    }

    /// <summary>The storage held the next time by the clock that was ahead, so nothing was archived or computed until that time had come after all.</summary>
    [Fact]
    public async Task A_schedule_that_was_run_by_a_clock_ahead_is_run_when_the_clock_is_right_again_and_others_are_left_alone()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform, BatchHost.Quiet with { ArchiveSchedule = "0 * * * *" });
        JobStorage storage = host.Services.GetRequiredService<JobStorage>();
        using IStorageConnection connection = storage.GetConnection();
        DateTime ahead = DateTime.UtcNow.AddDays(40);
        using (IWriteOnlyTransaction transaction = connection.CreateWriteTransaction())
        {
            transaction.SetRangeInHash(
                "recurring-job:archive orders",
                [
                    new("LastExecution", JobHelper.SerializeDateTime(ahead)),
                    new("NextExecution", JobHelper.SerializeDateTime(ahead.AddHours(1))),
                ]);
            transaction.AddToSet("recurring-jobs", "archive orders", JobHelper.ToTimestamp(ahead.AddHours(1)));
            transaction.Commit();
        }

        ScheduleWatch watch = new(
            host.Services.GetRequiredService<IRecurringJobManagerV2>(), storage, TimeProvider.System, NullLogger<ScheduleWatch>.Instance);
        DateTime before = DateTime.UtcNow;
        watch.TakeBack();
        watch.TakeBack();

        RecurringJobDto archive = connection.GetRecurringJobs().Single(job => job.Id == "archive orders");
        Assert.InRange(archive.LastExecution!.Value, before.AddSeconds(-1), DateTime.UtcNow);
        Assert.InRange(archive.NextExecution!.Value, before, DateTime.UtcNow.AddHours(1));
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(archive.LastJobId));
        Assert.All(connection.GetRecurringJobs().Where(job => job.Id != archive.Id), job => Assert.Null(job.LastExecution));
    }

    [Fact]
    public async Task Archive_and_expire_jobs_do_their_work()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBackgroundJobClient jobs = host.Services.GetRequiredService<IBackgroundJobClient>();

        string archive = jobs.Enqueue<Lambda.Batch.Jobs.ArchiveJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));
        string expire = jobs.Enqueue<Lambda.Batch.Jobs.ExpireJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));
        string vacuum = jobs.Enqueue<Lambda.Batch.Jobs.VacuumJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));

        Assert.Equal("Succeeded", await JobEnds.WaitAsync(archive));
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(expire));
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(vacuum));
        Assert.Equal(new Boundary([0, 1, 0]), (await platform.Archive.RefreshAsync(Cancellation)).Events);
    }

    /// <summary>Archiving a backlog may take hours, and comes up every minute: those that waited for it took all workers, of which other streams and jobs had none then.</summary>
    [Fact]
    public async Task Archive_jobs_that_find_another_at_work_leave_workers_to_other_jobs()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        using HeldReads log = new(platform.Log);
        await using BatchHost host = await BatchHost.StartAsync(platform, more: services => services.AddSingleton<IEventLog>(log));
        IBackgroundJobClient jobs = host.Services.GetRequiredService<IBackgroundJobClient>();
        string first = jobs.Enqueue<ArchiveJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));
        await log.Reached.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        List<string> others = [];
        for (int minute = 0; minute < 10; minute++)
        {
            others.Add(jobs.Enqueue<ArchiveJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None)));
        }

        string expire = jobs.Enqueue<ExpireJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));

        Assert.Equal("Succeeded", await JobEnds.WaitAsync(expire));
        log.Release();
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(first));
        foreach (string other in others)
        {
            Assert.Equal("Succeeded", await JobEnds.WaitAsync(other));
        }

        Assert.Equal(1, (await platform.Archive.RefreshAsync(Cancellation)).Events[0]);
    }

    [Fact]
    public async Task A_compact_job_leaves_one_file_a_date()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        BatchRunner runner = host.Services.GetRequiredService<BatchRunner>();
        for (int run = 0; run < 3; run++)
        {
            platform.Append(1, new Order($"a{run}", Orders.Day.AddMinutes(run), "ams", 20, 1, 1));
            await runner.ArchiveAsync(Orders.Stream, Cancellation);
        }

        string compact = host.Services.GetRequiredService<IBackgroundJobClient>()
            .Enqueue<Lambda.Batch.Jobs.CompactJob>(job => job.RunAsync(Orders.Stream, CancellationToken.None));

        Assert.Equal("Succeeded", await JobEnds.WaitAsync(compact));
        using LocalFiles files = await (await platform.Archive.PinAsync(Cancellation)).OpenFilesAsync(Cancellation);
        Assert.Single(files.Paths);
    }

    [Theory]
    [InlineData("every minute", "The number of its fields is 2.")]
    [InlineData("* * * * * *", "The number of its fields is 6.")]
    [InlineData("61 * * * *", "between 0 and 59")]
    public async Task A_wrong_schedule_stops_the_host_from_starting(string schedule, string reason)
    {
        await using Platform platform = await Platform.CreateAsync();

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => BatchHost.StartAsync(platform, BatchHost.Quiet with { ArchiveSchedule = schedule }));

        Assert.StartsWith($"ArchiveSchedule '{schedule}' is not a cron expression", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The stream of orders waits 10 minutes for events out of order, and its first view 5 more.</summary>
    [Fact]
    public async Task A_retention_shorter_than_windows_take_late_events_stops_the_host_from_starting()
    {
        await using Platform platform = await Platform.CreateAsync();
        await (await BatchHost.StartAsync(platform, BatchHost.Quiet with { CompareRetention = TimeSpan.FromMinutes(15) })).DisposeAsync();

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => BatchHost.StartAsync(platform, BatchHost.Quiet with { CompareRetention = TimeSpan.FromMinutes(14) }));

        Assert.StartsWith("CompareRetention is 00:14:00, and windows of view 'by_shop' of stream 'orders' take events", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set CompareRetention to 00:15:00 or more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retention_shorter_than_sessions_take_events_stops_the_host_from_starting()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.View("visits")
            .GroupBy(o => o.Shop)
            .Window(Session.WithGap(TimeSpan.FromMinutes(30)))
            .AllowedLateness(TimeSpan.FromMinutes(1))
            .Aggregate(a => new { Orders = a.Count() })));
        await (await BatchHost.StartAsync(platform, BatchHost.Quiet with { CompareRetention = TimeSpan.FromMinutes(41) })).DisposeAsync();

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => BatchHost.StartAsync(platform, BatchHost.Quiet with { CompareRetention = TimeSpan.FromMinutes(40) }));

        Assert.Contains("AllowedLateness of 00:01:00, and a gap of 00:30:00. Set CompareRetention to 00:41:00", error.Message, StringComparison.Ordinal);
    }

    internal static async Task WaitUntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
