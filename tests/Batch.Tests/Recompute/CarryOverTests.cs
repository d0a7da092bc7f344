using System.Globalization;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>
/// Runs that go on from the generation before must give what runs over everything give, to the last bit of every partial; and these are held to an oracle.
/// </summary>
public class CarryOverTests
{
    private const int Rounds = 3;

    /// <summary>With a speed layer and without, with late events and very late ones, and one in which repetitions overtake one another.</summary>
    public static TheoryData<int> Seeds => [1, 5, 6];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_chain_of_runs_over_new_events_gives_what_runs_over_everything_give(int seed)
    {
        Catalog catalog = Catalogue();
        await using Platform chain = await Platform.CreateAsync(catalog);
        await using Platform whole = await Platform.CreateAsync(catalog);
        await CompareAsync(seed, chain, whole, Rounds);
    }

    [Fact]
    public async Task So_it_does_in_PostgreSQL()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) }, TimeProvider.System, Cancellation);
        Catalog catalog = Catalogue();
        await using Platform chain = await Platform.CreateAsync(catalog, store: store);
        await using Platform whole = await Platform.CreateAsync(catalog);
        await CompareAsync(77, chain, whole, 3);
    }

    /// <summary>Two platforms live through the same; one goes on from what it has, the other one computes everything each time.</summary>
    private static async Task CompareAsync(int seed, Platform chain, Platform whole, int rounds)
    {
        RandomOrders[] orders = [.. new[] { chain, whole }.Select(platform => new RandomOrders(seed, platform)
        {
            Placement = seed % 5 == 0 ? Placement.Anywhere : Placement.ByShop,
            MostLate = TimeSpan.FromHours(seed % 2 == 0 ? 5 : 60),
        })];
        Random random = new(seed);
        int carried = 0;
        int generations = 0;
        bool hasSpeed = seed % 3 != 0;
        foreach (Platform platform in hasSpeed ? new[] { chain, whole } : [])
        {
            await platform.StartSpeedAsync();
        }

        for (int round = 0; round < rounds; round++)
        {
            string place = $"seed {seed}, round {round}";
            int count = round switch { 0 => 300, 1 => 150, _ => random.Next(1, 80) };
            int steps = round == 1 ? 60 : random.Next(2, 20);
            bool catchesUp = random.Next(3) == 0;
            BatchOptions options = Platform.Options with { ArchiveRunRecords = random.Next(20, 200), Workers = random.Next(1, 3), MaxNewEvents = round == 1 ? random.Next(1, 5) : count };
            List<RunResult> results = [];
            for (int i = 0; i < 2; i++)
            {
                Platform platform = i == 0 ? chain : whole;
                orders[i].Append(count);
                if (hasSpeed)
                {
                    await orders[i].AdvanceSpeedAsync(steps);
                    if (catchesUp)
                    {
                        await platform.CatchUpSpeedAsync();
                    }
                }

                results.Add(await platform.RecomputeAsync(Request(i == 0 ? RunScope.New : RunScope.All), options));
                Assert.True(results[i].Outcome == RunOutcome.Published, $"{place}: {results[i].Message}");
                Assert.All(results[i].Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, $"{place}: {check.Message}"));
            }

            Assert.Null(results[1].CarriedFrom);
            carried += results[0].CarriedFrom is null ? 0 : 1;
            generations += results[0].Generations;
            Assert.True(results[0].CarriedFrom is null || results[0].Rows <= results[1].Rows, place);
            await MustHoldTheSameAsync(place, chain, results[0], whole, results[1]);
            await OracleTests.AssertServesOracleAsync(chain, orders[0], seed);
            if (results[0].Generations == 1)
            {
                Assert.Equal(results[1].Changes.Select(Text), results[0].Changes.Select(Text));
            }

            // One of both has its files put together, so that rows lie in other files than the other one's.
            Platform compacted = (seed + round) % 2 == 0 ? chain : whole;
            await Maintenance(compacted).CompactAsync(compacted.Stream(), Cancellation);
        }

        Assert.True(generations > rounds, $"seed {seed}: no run published several generations.");

        // Where repetitions overtake one another, all may have to be computed.
        Assert.True(carried == rounds - 1 || seed % 5 == 0, $"seed {seed}: only {carried} runs went on from the one before.");
    }

    private static HistoryMaintenance Maintenance(Platform platform) => new(
        platform.Storage, platform.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance);

    internal static async Task MustHoldTheSameAsync(string place, Platform one, RunResult oneRun, Platform other, RunResult otherRun)
    {
        foreach (ViewDefinition view in one.Definition.Views)
        {
            foreach (PartialKind kind in Enum.GetValues<PartialKind>())
            {
                IReadOnlyList<string> have = await RowsAsync(one.Store, view.Layout, oneRun.Generation!.Value, kind);
                IReadOnlyList<string> want = await RowsAsync(other.Store, view.Layout, otherRun.Generation!.Value, kind);
                Assert.True(
                    want.SequenceEqual(have),
                    $"{place}, view {view.Name}, {kind} (went on: {oneRun.CarriedFrom}):\nmissing\n{string.Join('\n', want.Except(have).Take(5))}\n"
                    + $"too much\n{string.Join('\n', have.Except(want).Take(5))}");
            }
        }

        GenerationContents contents = await ContentsAsync(one, oneRun);
        GenerationContents wanted = await ContentsAsync(other, otherRun);
        Assert.All(
            one.Definition.Views,
            view => Assert.True(contents.HasSame(wanted, view.Layout, TimeWindow.All), $"{place}, view {view.Name}: other contents were noted than it has."));
        Assert.Equal(VerifyOutcome.AsPublished, await OutcomeAsync(one));
        Assert.Equal(VerifyOutcome.AsPublished, await OutcomeAsync(other));
        Assert.Equal(
            (await other.Store.ReadRemovedAsync(Orders.Stream, otherRun.Generation!.Value, Cancellation)).Order(),
            (await one.Store.ReadRemovedAsync(Orders.Stream, oneRun.Generation!.Value, Cancellation)).Order());
    }

    private static async Task<VerifyOutcome> OutcomeAsync(Platform platform) => (await new GenerationVerifier(platform.Store).RunAsync(
        platform.Definition, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration, Cancellation)).Outcome;

    private static async Task<GenerationContents> ContentsAsync(Platform platform, RunResult run) =>
        new((await platform.Store.ReadBasisAsync(Orders.Stream, run.Generation!.Value, Cancellation))!.Contents!);

    /// <summary>Every column of every row.</summary>
    internal static async Task<IReadOnlyList<string>> RowsAsync(IViewStore store, PartialLayout view, long generation, PartialKind kind)
    {
        List<string> rows = [];
        await foreach (PartialBatch batch in store.ReadGenerationAsync(view, generation, kind, WindowRange.All, KeyPiece.All, Cancellation))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                int place = row;
                rows.Add(string.Join('|', (object?[])[
                    .. batch.Keys.Select(column => Text(column, place)), batch.Starts[row], batch.Ends[row], batch.Missed[row], batch.EventCounts[row],
                    batch.Positions?[row], .. batch.States.Select(column => Text(column, place))]));
            }
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static string Text(ColumnBuffer column, int row) => column.GetValue(row) switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        double number => BitConverter.DoubleToInt64Bits(number).ToString(CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static RunRequest Request(RunScope scope, RunPurpose purpose = RunPurpose.Publish) =>
        RunRequest.OnDemand with { Order = new BatchRunOrder(scope, purpose) };

    private static string Text(Correction correction) => correction.ToString();

    /// <summary>Every form of windows, and every kind of aggregate.</summary>
    internal static Catalog Catalogue() => Orders.Catalog(stream =>
    {
        Orders.Moving(stream);
        stream.View("days")
            .GroupBy(o => o.Shop)
            .Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")))
            .Aggregate(a => new
            {
                Orders = a.Count(),
                Spread = a.StdDev(o => o.Weight),
                Median = a.Quantile(o => o.Weight, 0.5),
                Ids = a.ApproxCountDistinct(o => o.Id),
                Exact = a.CountDistinct(o => o.Amount),
                First = a.First(o => o.Id),
                Last = a.Last(o => o.Amount),
                Top = a.TopK(o => o.Amount, 3),
                Heaviest = a.MaxBy(o => o.Id, o => o.Weight),
                Sizes = a.Histogram(o => o.Amount, 30, 60),
            });
        stream.View("weeks").Window(Tumbling.Weekly(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")))
            .Aggregate(a => new { Orders = a.Count(), Shops = a.CollectSet(o => o.Shop, 3), Price = a.Average(o => o.Price) });
        stream.View("visits").GroupBy(o => o.Shop).Window(Session.WithGap(TimeSpan.FromMinutes(20)))
            .Aggregate(a => new { Orders = a.Count(), Price = a.Sum(o => o.Price), Ids = a.CountDistinct(o => o.Id) });
        stream.View("bursts").Where(o => o.Amount != 20).Window(Session.WithGap(TimeSpan.FromMinutes(3)))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Average(o => o.Weight) });
        stream.View("runs").GroupBy(o => o.Shop).Window(Count.Of(3, timeout: TimeSpan.FromHours(1)))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Sum(o => o.Weight), First = a.First(o => o.Id) });
        stream.View("ever").GroupBy(o => o.Shop).Window(AllTime.Window)
            .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount), Least = a.Min(o => o.Price) });
    });
}
