using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Events that count in nothing are in memory until a generation is published, and bounded as the rest of it.</summary>
public sealed class RemovedRowsTests
{
    private const int Many = 4_000;

    private static readonly BatchOptions Little = Platform.Options with { MaxPartialBytes = 300_000, Workers = 2 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_that_refuses_more_than_fits_in_memory_ends_the_run_which_says_what_is_refused()
    {
        await using Platform platform = await CreateAsync(i => Of($"id-{i}", amount: -1));

        BatchException error = await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(platform.Run(options: Little)));

        Assert.Contains("refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("offset", error.Message, StringComparison.Ordinal);
        Assert.Contains("positive amount", error.Message, StringComparison.Ordinal);
        Assert.Contains("set MaxPartialBytes", error.Message, StringComparison.Ordinal);
        Assert.Null((await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration);
        Assert.Equal(0, (await platform.Store.ReadQuarantineAsync(Orders.Stream, QuarantineFilter.Any, 1, Cancellation)).Total);
    }

    [Fact]
    public async Task So_do_repetitions()
    {
        await using Platform platform = await CreateAsync(_ => Of("the same", amount: 1), 8 * Many);

        BatchException error = await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(platform.Run(options: Little)));

        Assert.Contains("repeated", error.Message, StringComparison.Ordinal);
        Assert.Contains("the id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_that_count_fit()
    {
        await using Platform platform = await CreateAsync(i => Of($"id-{i}", amount: 1));

        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync(platform.Run(options: Little))).Outcome);
    }

    [Fact]
    public void Details_count_once_where_rows_share_them()
    {
        RemovedRows shared = new();
        RemovedRows own = new();
        string detail = new('x', 1_000);
        for (int i = 0; i < 10; i++)
        {
            shared.Add(Row(detail));
            own.Add(Row(new string('x', 1_000)));
        }

        Assert.Equal(9 * 2_000, own.ByteCount - shared.ByteCount);

        static RefusedRow Row(string detail) => new(new LogPosition(0, 1), DateOnly.MinValue, 0, RefusedBy.View, RejectReason.ExpressionFailed, detail);
    }

    private static async Task<Platform> CreateAsync(Func<int, byte[]> order, int count = Many)
    {
        Platform platform = await Platform.CreateAsync(Orders.Catalog());
        for (int i = 0; i < count; i++)
        {
            platform.Append(i % Orders.Partitions, order(i));
        }

        return platform;
    }

    private static byte[] Of(string id, long amount) => new Order(id, Orders.Day, "ams", amount, 1, 1).ToJson();
}
