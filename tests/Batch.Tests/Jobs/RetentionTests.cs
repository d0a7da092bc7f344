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

    /// <summary>They were taken, but from 150 days on no timer renewed the lease: each run ended with an error, and left its stream taken for months.</summary>
    [Fact]
    public void Waits_that_no_timer_takes_are_refused()
    {
        TimeSpan longest = TimeSpan.FromDays(49);
        BatchOptions fine = new() { LeaseDuration = longest, LeasePollInterval = longest };

        Assert.Contains("49d", Assert.Throws<ArgumentOutOfRangeException>(() => fine with { LeaseDuration = longest + TimeSpan.FromTicks(1) }).Message, StringComparison.Ordinal);
        Assert.Contains("49d", Assert.Throws<ArgumentOutOfRangeException>(() => fine with { LeasePollInterval = longest + TimeSpan.FromTicks(1) }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => fine with { LeaseDuration = TimeSpan.FromMilliseconds(999) });
        Assert.Throws<ArgumentOutOfRangeException>(() => fine with { LeasePollInterval = TimeSpan.Zero });
    }
}
