using System.Globalization;
using DuckDB.NET.Data;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Time;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Range;

/// <summary>Runs that compute a range of windows anew must give what runs over everything give, to the last bit of every partial.</summary>
public class RangeTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(301, 2)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_computed_anew_is_what_a_run_over_everything_gives(int seed)
    {
        await using Platform range = await Platform.CreateAsync(Catalogue());
        await using Platform whole = await Platform.CreateAsync(Catalogue());
        await CompareAsync(seed, range, whole, rounds: 3);
    }

    [Fact]
    public async Task So_it_is_in_PostgreSQL()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) }, TimeProvider.System, Cancellation);
        await using Platform range = await Platform.CreateAsync(Catalogue(), store: store);
        await using Platform whole = await Platform.CreateAsync(Catalogue());
        await CompareAsync(377, range, whole, rounds: 2);
    }

    [Fact]
    public async Task A_dry_run_leaves_nothing_behind()
    {
        await using Platform platform = await Platform.CreateAsync(Catalogue());
        RandomOrders orders = new(310, platform) { Placement = Placement.ByShop };
        orders.Append(200);
        RunResult first = await platform.RecomputeAsync();

        RunResult rehearsed = await platform.RecomputeAsync(Request(new WindowRange(At(0), At(48)), RunPurpose.Rehearse));
        Assert.Equal((RunOutcome.Rehearsed, 0), (rehearsed.Outcome, rehearsed.Corrections));
        RunResult next = await platform.RecomputeAsync();

        Assert.Equal(first.Generation, next.CarriedFrom);
        await CarryOverTests.MustHoldTheSameAsync("after a dry run", platform, first, platform, next);
    }

    [Theory]
    [InlineData("runs", "counts events in the order of the log")]
    [InlineData("ever", "has one window of all time")]
    public async Task Where_a_range_cannot_be_computed_alone_everything_is_and_the_view_is_named(string view, string expected)
    {
        Catalog catalog = Orders.Catalog(stream => stream.View(view).GroupBy(o => o.Shop).Window(view == "runs" ? Count.Of(3, TimeSpan.FromHours(1)) : AllTime.Window)
            .Aggregate(a => new { Orders = a.Count() }));
        await using Platform platform = await Platform.CreateAsync(catalog);
        RandomOrders orders = new(311, platform) { Placement = Placement.ByShop };
        orders.Append(50);
        await platform.RecomputeAsync();

        RunResult result = await platform.RecomputeAsync(Request(new WindowRange(At(0), At(24))));

        Assert.Equal((RunOutcome.Published, null), (result.Outcome, result.CarriedFrom));
        Assert.Contains($"view '{view}' {expected}", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_without_events_is_a_usual_run()
    {
        await using Platform platform = await Platform.CreateAsync(Catalogue());
        RandomOrders orders = new(312, platform) { Placement = Placement.ByShop };
        orders.Append(50);
        RunResult first = await platform.RecomputeAsync();

        RunResult result = await platform.RecomputeAsync(Request(new WindowRange(At(24 * 900), long.MaxValue)));

        Assert.Equal(first.Generation, result.CarriedFrom);
        Assert.DoesNotContain("computed anew", result.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Two platforms live through the same, also that another program changes values in their histories, which no run notices by itself. One computes the range of
    /// that anew, the other one everything.
    /// </summary>
    private static async Task CompareAsync(int seed, Platform range, Platform whole, int rounds)
    {
        RandomOrders[] orders = [.. new[] { range, whole }.Select(platform => new RandomOrders(seed, platform)
        {
            Placement = Placement.ByShop,
            MostLate = TimeSpan.FromHours(30),
        })];
        Random random = new(seed);
        for (int round = 0; round < rounds; round++)
        {
            string place = $"seed {seed}, round {round}";
            int count = round == 0 ? 500 : random.Next(1, 120);
            DateTime from = Orders.Day.AddMinutes(random.Next(-300, 60 * 40));
            DateTime to = from.AddMinutes(random.Next(1, 60 * 30));
            List<RunResult> results = [];
            foreach ((Platform platform, RandomOrders its) in new[] { range, whole }.Zip(orders))
            {
                its.Append(count);
                if (round > 0)
                {
                    await TamperAsync(platform, from, to);
                }

                RunRequest request = platform == whole
                    ? RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) }
                    : Request(new WindowRange(UtcMicroseconds.FromDateTime(from), UtcMicroseconds.FromDateTime(to)));
                results.Add(await platform.RecomputeAsync(request));
                Assert.True(results[^1].Outcome == RunOutcome.Published, $"{place}: {results[^1].Message}");
                Assert.All(results[^1].Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, $"{place}: {check.Message}"));
            }

            Assert.True(round == 0 || results[0].CarriedFrom is not null, $"{place}: {results[0].Message}");
            Assert.True(round == 0 || results[0].Message.Contains("computed anew", StringComparison.Ordinal), $"{place}: {results[0].Message}");
            await CarryOverTests.MustHoldTheSameAsync(place, range, results[0], whole, results[1]);

            // Corrections tell what the layers' windows were before; both had the same.
            Assert.Equal(results[1].Changes.Select(change => $"{change}"), results[0].Changes.Select(change => $"{change}"));
        }
    }

    /// <summary>Changes amounts of events in a range, some so that a check now refuses them, and some so that it does no more.</summary>
    private static async Task TamperAsync(Platform platform, DateTime from, DateTime to)
    {
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        string folder = HistoryLayout.EventsOf(Orders.Stream);
        DeltaLog log = new(storage, folder, TimeProvider.System);
        DeltaSnapshot current = (await log.FindLatestAsync(Cancellation))!;
        using DuckDBConnection duck = new("DataSource=:memory:");
        duck.Open();
        List<DeltaAction> actions = [];
        foreach (AddFile file in current.Files)
        {
            string changed = file.Path.Replace("part-", $"changed-{Guid.NewGuid():N}-", StringComparison.Ordinal);
            using DuckDBCommand copy = duck.CreateCommand();
            copy.CommandText = string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SET TimeZone = 'UTC';
                COPY (SELECT * REPLACE (CASE WHEN "at" >= TIMESTAMPTZ '{from:yyyy-MM-dd HH:mm:ss}+00' AND "at" < TIMESTAMPTZ '{to:yyyy-MM-dd HH:mm:ss}+00'
                    THEN CASE _offset % 3 WHEN 0 THEN abs(amount) + 20 WHEN 1 THEN -1 ELSE amount END ELSE amount END AS amount)
                    FROM read_parquet('{storage.Describe($"{folder}/{file.Path}")}', hive_partitioning = false))
                TO '{storage.Describe($"{folder}/{changed}")}' (FORMAT parquet)
                """);
            copy.ExecuteNonQuery();
            AddFile added = file with
            {
                Path = changed,
                Size = new FileInfo(storage.Describe($"{folder}/{changed}")).Length,
                Tags = new Dictionary<string, string>(StringComparer.Ordinal),
                Stats = WithoutAmounts(file.Stats!),
            };
            actions.AddRange([RemoveFile.Deleted(file, 0), added]);
        }

        Assert.NotNull(await log.TryCommitAsync(current, actions, "UPDATE", Cancellation));
    }

    /// <summary>The statistics of a file without those of the column that was changed.</summary>
    private static string WithoutAmounts(string stats)
    {
        System.Text.Json.Nodes.JsonNode json = System.Text.Json.Nodes.JsonNode.Parse(stats)!;
        foreach (string part in (string[])["minValues", "maxValues", "nullCount"])
        {
            json[part]!.AsObject().Remove("amount");
        }

        return json.ToJsonString();
    }

    private static long At(int hours) => UtcMicroseconds.FromDateTime(Orders.Day.AddHours(hours));

    private static RunRequest Request(WindowRange range, RunPurpose purpose = RunPurpose.Publish) =>
        RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.New, purpose) { Range = range } };

    private static Catalog Catalogue() => Orders.Catalog(stream =>
    {
        Orders.Moving(stream);
        stream.View("days")
            .GroupBy(o => o.Shop)
            .Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")))
            .Aggregate(a => new { Orders = a.Count(), Spread = a.StdDev(o => o.Weight), Median = a.Quantile(o => o.Amount, 0.5), Top = a.TopK(o => o.Amount, 3) });
        stream.View("weeks").Window(Tumbling.Weekly(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")))
            .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount) });
        stream.View("visits").GroupBy(o => o.Shop).Window(Session.WithGap(TimeSpan.FromMinutes(20)))
            .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount), Ids = a.CountDistinct(o => o.Id) });
        stream.View("bursts").Where(o => o.Amount > 30).Window(Session.WithGap(TimeSpan.FromMinutes(9)))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Average(o => o.Weight) });
    });
}
