using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Corrections;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>How many keys are compared at once is not to be seen in what a run over everything tells: corrections with their reasons, and differences between the layers.</summary>
public class CountPiecesTests
{
    private const string View = "runs";

    /// <summary>Some are told apart only by case, and one is empty.</summary>
    private static readonly string[] Shops = ["ams", "AMS", "Ams", "", "straße", "STRASSE", "ber"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 3)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Small_pieces_tell_what_one_does(int seed)
    {
        await using Platform platform = await Platform.CreateAsync(Catalogue());
        await CompareAsync(seed, platform);
    }

    [Fact]
    public async Task So_they_do_in_PostgreSQL()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) }, TimeProvider.System, Cancellation);
        await using Platform platform = await Platform.CreateAsync(Catalogue(), store: store);
        await CompareAsync(4, platform);
    }

    private static async Task CompareAsync(int seed, Platform platform)
    {
        Random random = new(seed);
        List<(int Partition, Order Order)> orders = [];
        await platform.StartSpeedAsync();
        for (int round = 0; round < 2; round++)
        {
            Append(platform, orders, random);
            await platform.CatchUpSpeedAsync();
            RunResult[] untouched = await RehearseAsync(platform, platform.Store);
            Assert.All(untouched[1..], run => AssertSame(untouched[0], run));
            Assert.True(untouched[0].Changes.Count(change => change.View == View) > 10, $"seed {seed}, round {round}: windows hardly change.");
            Assert.All(untouched[0].Report!.Checks, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));
            GenerationInfo? before = await CurrentAsync(platform);
            RunResult published = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });
            Assert.Equal(RunOutcome.Published, published.Outcome);
            Assert.Equal(await ComposedAsync(platform, before), published.Changes.Where(change => change.View == View));
            Assert.Equal(untouched[0].Changes, published.Changes);
        }

        Append(platform, orders, random);
        await platform.CatchUpSpeedAsync();
        RunResult[] tampered = await RehearseAsync(platform, new TamperedSpeed(platform.Store, View, Shops[random.Next(Shops.Length)]).Wrap());
        Assert.All(tampered[1..], run => AssertSame(tampered[0], run));
        Assert.True(Conservation(tampered[0]).Observed > 10, $"seed {seed}: {Conservation(tampered[0]).Message}");
        Assert.Contains(tampered[0].Changes, change => change.Reasons.Unexplained != 0);
    }

    /// <summary>The same run with all keys in one piece, and in ever more.</summary>
    private static async Task<RunResult[]> RehearseAsync(Platform platform, IViewStore store)
    {
        List<RunResult> results = [];
        foreach ((long partials, int pieces) in new[] { (long.MaxValue, 1), (80, 16), (1, 16) })
        {
            BatchOptions options = Platform.Options with { ComparedEvents = partials, MostKeyPieces = pieces };
            results.Add(await platform.Run(store, options).RunAsync(
                platform.Stream(),
                RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Rehearse) },
                new Progress<RunProgress>(),
                Cancellation));
        }

        return [.. results];
    }

    /// <summary>The changes when all windows before and after are composed.</summary>
    private static async Task<IEnumerable<Correction>> ComposedAsync(Platform platform, GenerationInfo? before)
    {
        ViewDefinition view = platform.Definition.Views.Single(view => view.Name == View);
        StoredWindows stored = new(platform.Store, view);
        GenerationInfo after = (await CurrentAsync(platform))!;
        return WindowChanges.Find(
            view,
            await stored.ReadGenerationAsync(before?.Generation, WindowRange.All, Cancellation),
            await stored.ReadSpeedAsync(before?.Boundary ?? Boundary.Zero(Orders.Partitions), after.Boundary, WindowRange.All, Cancellation),
            await stored.ReadGenerationAsync(after.Generation, WindowRange.All, Cancellation),
            _ => true).Select(change => change.Correction);
    }

    private static async Task<GenerationInfo?> CurrentAsync(Platform platform) =>
        (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration;

    private static void AssertSame(RunResult one, RunResult other)
    {
        Assert.Equal(one.Changes.Where(change => change.View == View), other.Changes.Where(change => change.View == View));
        CheckResult ofOne = Conservation(one);
        CheckResult ofOther = Conservation(other);
        Assert.Equal((ofOne.Verdict, ofOne.Observed, ofOne.Message), (ofOther.Verdict, ofOther.Observed, ofOther.Message));
        Assert.Equal(ofOne.SampleRows, ofOther.SampleRows);
    }

    private static CheckResult Conservation(RunResult run) => run.Report!.Checks.Single(check => check.Name == $"conservation of {View}");

    /// <summary>Orders of which one in eight is repeated and one in ten refused, so that windows of their keys move.</summary>
    private static void Append(Platform platform, List<(int Partition, Order Order)> orders, Random random)
    {
        int first = orders.Count;
        for (int i = first; i < first + 200; i++)
        {
            int shop = random.Next(Shops.Length);
            (int Partition, Order Order) next = random.Next(8) == 0 && orders.Count > 0
                ? orders[random.Next(orders.Count)]
                : (shop % Orders.Partitions, new Order(
                    $"o{i}",
                    Orders.Day.AddMinutes((i * 5) - random.Next(30)),
                    Shops[shop],
                    random.Next(10) == 0 ? -1 : random.Next(20, 24),
                    random.Next(4) == 0 ? -0.0 : random.Next(-2, 2) / 64.0,
                    random.Next(3) switch { 0 => null, 1 => 1.5m, _ => 1.500m }));
            orders.Add(next);
            platform.Append(next.Partition, next.Order);
        }
    }

    private static Catalog Catalogue() => Orders.Catalog(stream => stream.View(View)
        .GroupBy(o => new { o.Shop, Many = o.Amount > 21, Kind = o.Weight < 0 ? null : o.Shop })
        .Window(Count.Of(3, timeout: TimeSpan.FromHours(3)))
        .Aggregate(a => new
        {
            Orders = a.Count(),
            Weight = a.Sum(o => o.Weight),
            Lightest = a.Min(o => o.Weight),
            Price = a.Sum(o => o.Price),
            Prices = a.Max(o => o.Price),
            First = a.First(o => o.Id),
        }));
}
