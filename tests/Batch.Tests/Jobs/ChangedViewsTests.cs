using Hangfire;
using Hangfire.InMemory;
using Hangfire.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Jobs;

public class ChangedViewsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_run_at_the_start_when_the_generation_that_serves_lacks_a_view_as_it_is_declared_and_at_no_other()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, new Order("1", Orders.Day, "north", 5, 1.5, null));

        Assert.False(await IsRunAtStartAsync(platform, Orders.Catalog()), "Nothing was published before.");
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.False(await IsRunAtStartAsync(platform, Orders.Catalog()), "All views are as they were.");
        Assert.True(await IsRunAtStartAsync(platform, Orders.Catalog(Orders.Moving)), "A view has come.");
    }

    private static async Task<bool> IsRunAtStartAsync(Platform platform, Catalog catalog)
    {
        using InMemoryStorage storage = new();
        RecurringJobManager jobs = new(storage);
        await new BatchSchedules(jobs, storage, catalog, BatchHost.Quiet, NullLogger<BatchSchedules>.Instance).StartAsync(Cancellation);
        await new ChangedViews(jobs, platform.Store, catalog, NullLogger<ChangedViews>.Instance).StartAsync(Cancellation);
        using IStorageConnection connection = storage.GetConnection();
        return connection.GetRecurringJobs().Single(job => job.Id == $"recompute {Orders.Stream}").LastJobId is not null;
    }
}
