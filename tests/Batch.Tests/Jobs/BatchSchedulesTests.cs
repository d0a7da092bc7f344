using Hangfire;
using Hangfire.InMemory;
using Hangfire.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Jobs;

public class BatchSchedulesTests
{
    /// <summary>
    /// Schedules were noted one after the other until one was wrong: the process did not start, and those that shared its storage went by the ones before.
    /// </summary>
    [Fact]
    public async Task A_process_with_a_wrong_schedule_leaves_those_of_others_as_they_are()
    {
        using InMemoryStorage storage = new();
        await StartAsync(storage, BatchHost.Quiet with { RecomputeSchedule = "0 3 * * *" });

        await Assert.ThrowsAsync<ArgumentException>(
            () => StartAsync(storage, BatchHost.Quiet with { RecomputeSchedule = "0 4 * * *", VacuumSchedule = "0 25 * * *" }));

        using IStorageConnection connection = storage.GetConnection();
        Assert.Equal("0 3 * * *", connection.GetRecurringJobs().Single(job => job.Id == BatchSchedules.RecomputeOf(Orders.Stream)).Cron);
    }

    private static Task StartAsync(JobStorage storage, BatchOptions options) =>
        new BatchSchedules(new RecurringJobManager(storage), storage, Orders.Catalog(), options, NullLogger<BatchSchedules>.Instance)
            .StartAsync(TestContext.Current.CancellationToken);
}
