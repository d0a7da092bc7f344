using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>A run over everything that writes windows of a count while it reads publishes what one does that holds all of them to its end.</summary>
public class CountGenerationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Windows_written_while_events_are_read_are_those_written_behind_them(int seed)
    {
        await using Platform early = await Platform.CreateAsync(Catalogue());
        await CompareAsync(seed, early);
    }

    [Fact]
    public async Task So_they_are_in_PostgreSQL()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) }, TimeProvider.System, Cancellation);
        await using Platform early = await Platform.CreateAsync(Catalogue(), store: store);
        await CompareAsync(4, early);
    }

    private static async Task CompareAsync(int seed, Platform early, int orders = 900)
    {
        await using Platform late = await Platform.CreateAsync(Catalogue());
        foreach (Platform platform in new[] { early, late })
        {
            new RandomOrders(seed, platform)
            {
                MostSecondsBetween = 1500,
                MostLate = TimeSpan.FromHours(30),
                RepeatedAmong = 100,
                Placement = seed % 2 == 0 ? Placement.Anywhere : Placement.ByShop,
            }.Append(orders);
        }

        RunResult atOnce = await early.RecomputeAsync(RunRequest.OnDemand, Platform.Options with { SettledRows = 5, Workers = 1 + (seed % 2) });
        RunResult inTheEnd = await late.RecomputeAsync(RunRequest.OnDemand, Platform.Options with { SettledRows = int.MaxValue, Workers = 1 });

        Assert.Equal((RunOutcome.Published, RunOutcome.Published), (atOnce.Outcome, inTheEnd.Outcome));
        await CarryOverTests.MustHoldTheSameAsync($"seed {seed}", early, atOnce, late, inTheEnd);
        Assert.True(await HasMovedWindowsAsync(early, atOnce), $"seed {seed}: no key has windows as read.");
    }

    private static async Task<bool> HasMovedWindowsAsync(Platform platform, RunResult run)
    {
        foreach (ViewDefinition view in platform.Definition.Views.Where(view => view.Layout.HasPositions))
        {
            if ((await CarryOverTests.RowsAsync(platform.Store, view.Layout, run.Generation!.Value, PartialKind.AsRead)).Count == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static Catalog Catalogue() => Orders.Catalog(stream =>
    {
        stream.View("pairs").GroupBy(o => new { o.Shop, o.Amount }).Window(Count.Of(2, timeout: TimeSpan.FromHours(30)))
            .Aggregate(a => new { Orders = a.Count(), Ids = a.CollectSet(o => o.Id, 3) });
        stream.View("runs").GroupBy(o => o.Shop).Window(Count.Of(5, timeout: TimeSpan.FromHours(2)))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Sum(o => o.Weight), First = a.First(o => o.Id) });
    });
}
