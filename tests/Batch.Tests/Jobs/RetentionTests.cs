using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Tests.Jobs;

public class RetentionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>No date lies that far back, and expiry failed whenever it came up.</summary>
    [Fact]
    public async Task Generations_that_are_kept_for_longer_than_the_calendar_goes_back_are_kept()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        foreach (string id in (string[])["a", "b"])
        {
            platform.Append(1, new Order(id, Orders.Day, "ams", 20, 1, 1));
            await platform.CatchUpSpeedAsync();
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        await using (BatchHost host = await BatchHost.StartAsync(platform, BatchHost.Quiet with { CompareRetention = TimeSpan.MaxValue }))
        {
            await host.Services.GetRequiredService<BatchRunner>().ExpireAsync(Orders.Stream, Cancellation);
        }

        Assert.Equal(2, (await platform.Store.ReadGenerationsAsync(Orders.Stream, int.MaxValue, Cancellation)).Count);
    }
}
