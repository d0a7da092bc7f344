using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Crashes;
using Lambda.TestSupport.Postgres;

namespace Lambda.Batch.Tests.Recompute;

public class CrashTests
{
    // More calls than a run over three partitions and two views makes.
    private const int MostCalls = 200;

    [Theory]
    [InlineData(CrashMoment.BeforeCall, LogShape.Dense, Placement.Anywhere)]
    [InlineData(CrashMoment.AfterCall, LogShape.Dense, Placement.ByShop)]
    [InlineData(CrashMoment.BeforeCall, LogShape.Sparse, Placement.ByShop)]
    [InlineData(CrashMoment.AfterCall, LogShape.Sparse, Placement.Anywhere)]
    public async Task A_run_after_a_crash_at_any_call_publishes_what_the_first_would_have(CrashMoment moment, LogShape shape, Placement placement)
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(shape));
        await CrashAsync(platform, moment, shape, placement);
    }

    [Theory]
    [InlineData(CrashMoment.BeforeCall)]
    [InlineData(CrashMoment.AfterCall)]
    public async Task So_it_does_in_PostgreSQL(CrashMoment moment)
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) },
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(LogShape.Sparse), store: store);
        await CrashAsync(platform, moment, LogShape.Sparse, Placement.ByShop);
    }

    private static async Task CrashAsync(Platform platform, CrashMoment moment, LogShape shape, Placement placement)
    {
        RandomOrders orders = new(31, platform, shape) { Placement = placement };

        // There is something to carry over from the first crash on.
        orders.Append(40);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        await platform.StartSpeedAsync();
        int crashes = 0;
        bool finished = false;
        // Every so many calls must do, for the time that this takes; which ones differs from time to time.
        int stride = shape == LogShape.Dense ? 2 : 4;
        int first = Random.Shared.Next(1, stride + 1);
        for (int call = first; call <= MostCalls && !finished; call += stride)
        {
            if (call % 12 < stride)
            {
                orders.Append(40);
                await platform.CatchUpSpeedAsync();
            }

            DoomedProcess doomed = Crashes.At(call, moment);
            IStreamArchive archive = await platform.OpenArchiveAsync();
            IViewStore store = doomed.Wrap(platform.Store);
            try
            {
                RecomputeRun run = platform.Run(store, Platform.Options with { KeptCorrections = 5 });
                RunResult result = await platform.RecomputeAsync(run, doomed.Wrap(archive));
                finished = !doomed.IsGone;
                Assert.True(result.Outcome == RunOutcome.Published, $"call {call} of those from {first} on: {result.Message}");
            }
            catch (InjectedCrashException)
            {
                crashes++;
                await AssertNothingHalfAsync(platform, orders);
            }

            archive.Dispose();
        }

        Assert.True(finished, $"A run makes more than {MostCalls} calls.");
        Assert.True(crashes > 20 / stride, $"Only {crashes} crashes.");
        RunResult last = await platform.RecomputeAsync();
        Assert.Equal(RunOutcome.Published, last.Outcome);
        Assert.All(last.Report!.Checks, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));
        Boundary boundary = await OracleTests.AssertServesOracleAsync(platform, orders, 31);
        Assert.Equal(await platform.LogEndAsync(), boundary);
        Assert.Equal(orders.Logged.Count + orders.UndecodableCount, await CountArchivedAsync(platform));
    }

    /// <summary>Whatever serves is whole.</summary>
    private static async Task AssertNothingHalfAsync(Platform platform, RandomOrders orders)
    {
        StreamStatus? status = await platform.Store.ReadStreamAsync(Orders.Stream, TestContext.Current.CancellationToken);
        if (status!.CurrentGeneration is not null)
        {
            await OracleTests.AssertServesOracleAsync(platform, orders, 31);
        }
    }

    private static async Task<long> CountArchivedAsync(Platform platform)
    {
        IArchiveSnapshot snapshot = await platform.Archive.PinAsync(TestContext.Current.CancellationToken);
        long count = 0;
        await foreach (LogPosition _ in snapshot.ReadQuarantinedPositionsAsync(snapshot.End, TestContext.Current.CancellationToken))
        {
            count++;
        }

        foreach (DateOnly date in snapshot.Dates)
        {
            await foreach (var batch in snapshot.ReadAsync(
                date, platform.Plan.ViewProjection, new Lambda.Events.StringDictionary(), snapshot.End, TestContext.Current.CancellationToken))
            {
                count += batch.Count;
            }
        }

        return count;
    }
}
