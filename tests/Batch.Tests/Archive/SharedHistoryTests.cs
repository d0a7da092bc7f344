using Lambda.Batch.Archive;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Store;

namespace Lambda.Batch.Tests.Archive;

/// <summary>Two processes that have each a history of its own, by mistake, and one store.</summary>
public class SharedHistoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_with_a_history_of_its_own_publishes_nothing_after_another_has()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(8, platform);
        orders.Append(50);
        LocalObjectStorage elsewhere = new(Path.Combine(platform.Folder, "elsewhere"));
        using HistoryArchive own = await HistoryArchive.OpenAsync(elsewhere, platform.Definition, platform.Starts, TimeProvider.System, Cancellation);
        RecomputeRun second = platform.Run();
        RunResult published = await platform.RecomputeAsync();
        orders.Append(5);

        BatchException refused = await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(second, own));
        Assert.Contains($"generation {published.Generation}, which is served, was computed from the history", refused.Message, StringComparison.Ordinal);
        Assert.Contains((await own.PinAsync(Cancellation)).Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains("the setting History is the same for all", refused.Message, StringComparison.Ordinal);
        GenerationInfo only = Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation));
        Assert.Equal((published.Generation, GenerationState.Current), (only.Generation, only.State));
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);

        // Taken for the stream's on purpose, it is the first one that is refused.
        await HistoryIdentity.ForgetAsync(platform.Store, Orders.Stream, Platform.Options, TimeProvider.System, Cancellation);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync(second, own)).Outcome);
        await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync());
        await OracleTests.AssertServesOracleAsync(platform, orders, 8);
    }
}
