using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;

namespace Lambda.Batch.Tests.Recompute;

public class OracleTests
{
    public static TheoryData<int, LogShape> Seeds => [.. Enumerable.Range(1, 4).Select(seed => (seed, seed > 2 ? LogShape.Sparse : LogShape.Dense))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Every_generation_is_what_the_oracle_computes_below_its_boundary(int seed, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving), Starts(shape));
        RandomOrders orders = new(seed, platform, shape);
        await platform.StartSpeedAsync();
        RecomputeRun run = platform.Run();
        for (int round = 0; round < 3; round++)
        {
            orders.Append(250);
            await orders.AdvanceSpeedAsync(20);
            if (round == 2)
            {
                await platform.CatchUpSpeedAsync();
            }

            RunResult result = await platform.RecomputeAsync(run);

            Assert.True(result.Outcome == RunOutcome.Published, $"seed {seed}, round {round}: {result.Message}");
            Boundary boundary = await AssertServesOracleAsync(platform, orders, seed);
            Assert.All(result.Report!.Checks, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));
            Assert.True(round < 2 || boundary.Equals(await platform.LogEndAsync()), $"seed {seed}: {boundary}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Without_a_speed_layer_a_generation_reaches_to_the_end_of_the_log(int seed, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(starts: Starts(shape));
        RandomOrders orders = new(seed, platform, shape);
        orders.Append(300);

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, result.Outcome);
        Boundary boundary = await AssertServesOracleAsync(platform, orders, seed);
        Assert.Equal(await platform.LogEndAsync(), boundary);
        QuarantinePage undecodable = await platform.Store.ReadQuarantineAsync(
            Orders.Stream,
            new QuarantineFilter([RejectReason.Malformed, RejectReason.MissingMember, RejectReason.InvalidEventTime]),
            10_000,
            TestContext.Current.CancellationToken);
        Assert.Equal(orders.UndecodableCount, undecodable.Total);
        Assert.Contains(undecodable.Records, record => record.Value.Span.SequenceEqual("not json"u8) && record.Key.Span.SequenceEqual("key"u8));
        Assert.All(undecodable.Records, record => Assert.Equal(Platform.Appended, record.AppendedAt));
        Assert.All(
            result.Report!.Checks.Where(check => check.Name.StartsWith("conservation", StringComparison.Ordinal)),
            check => Assert.Equal(CheckVerdict.NotApplicable, check.Verdict));
    }

    internal static Boundary? Starts(LogShape shape) => shape == LogShape.Sparse ? new Boundary([1_000_000_000_000, 0, 77]) : null;

    internal static async Task<Boundary> AssertServesOracleAsync(Platform platform, RandomOrders orders, int seed)
    {
        StreamStatus status = (await platform.Store.ReadStreamAsync(Orders.Stream, TestContext.Current.CancellationToken))!;
        Boundary boundary = status.CurrentGeneration!.Boundary;
        await AssertViewsAsync(platform, OrderOracle.Kept(orders.Logged, boundary), seed);
        QuarantinePage refused = await platform.Store.ReadQuarantineAsync(
            Orders.Stream, new QuarantineFilter([RejectReason.CheckFailed]), 10_000, TestContext.Current.CancellationToken);
        Assert.Equal(
            OrderOracle.Refused(orders.Logged, boundary).Where(placed => placed.Order.Amount <= 0)
                .Select(placed => (placed.Partition, placed.Offset)).Order(),
            refused.Records.Select(record => (record.Partition, record.Offset)).Order());
        return boundary;
    }

    /// <summary>The generation that serves has the windows of the orders that are kept, and no others.</summary>
    internal static async Task AssertViewsAsync(Platform platform, IReadOnlyList<LoggedOrder> kept, int seed)
    {
        await AssertSameAsync(platform, platform.Definition.Views[0], OrderOracle.ByShop(kept), seed);
        await AssertSameAsync(platform, platform.Definition.Views[1], OrderOracle.Small(kept), seed);
        if (platform.Definition.Views.Count > 2)
        {
            await AssertSameAsync(platform, platform.Definition.Views[2], OrderOracle.Moving(kept), seed);
        }
    }

    private static async Task AssertSameAsync(Platform platform, ViewDefinition view, IReadOnlyList<ExpectedWindow> expected, int seed)
    {
        IReadOnlyList<WindowRow> actual = await platform.BatchAsync(view);
        Assert.True(expected.Count == actual.Count, $"seed {seed}, view {view.Name}: {expected.Count} windows expected, {actual.Count} found");
        foreach ((ExpectedWindow want, WindowRow have) in expected.Zip(actual))
        {
            Assert.Equal(want.Key, have.Key.Parts.Count == 0 ? null : have.Key.Parts[0]);
            Assert.Equal((want.Start, want.Events), (have.Start, have.EventCount));
            Assert.True(
                want.Results.SequenceEqual(have.Results),
                $"seed {seed}, view {view.Name}, {have.Key}, {have.Start}: expected {string.Join(", ", want.Results)}, found {string.Join(", ", have.Results)}");
        }
    }
}
