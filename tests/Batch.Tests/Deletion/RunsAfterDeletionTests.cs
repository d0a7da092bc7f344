using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Tests.Deletion;

/// <summary>What generations hold and audits compare once events were deleted.</summary>
public class RunsAfterDeletionTests
{
    public static TheoryData<int, LogShape> Seeds => [.. Enumerable.Range(201, 2).Select(seed => (seed, seed % 2 == 0 ? LogShape.Sparse : LogShape.Dense))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task After_a_deletion_everything_is_as_if_the_events_had_never_been(int seed, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving), OracleTests.Starts(shape));
        RandomOrders orders = new(seed, platform, shape) { Placement = Placement.ByShop };
        Random random = new(seed);
        await platform.StartSpeedAsync();
        for (int round = 0; round < 3; round++)
        {
            string place = $"seed {seed}, round {round}";
            orders.Append(150);
            await orders.AdvanceSpeedAsync(15);
            if (random.Next(2) == 0)
            {
                // Else events are deleted that no generation has had yet.
                await RunAsync(platform, place);
                await OracleTests.AssertServesOracleAsync(platform, orders, seed);
            }

            (string condition, Func<Order, bool> matches) = Condition(random, orders);
            DeletionResult deleted = await platform.DeleteAsync(condition);

            int gone = orders.Logged.RemoveAll(placed => matches(placed.Order) && placed.Offset < deleted.Below[placed.Partition]);
            Assert.True(gone == deleted.Events.Values.Sum(), $"{place}: {condition} deleted {deleted.Events.Values.Sum()} events instead of {gone}");
            RunResult result = await RunAsync(platform, place);
            Assert.True(gone == 0 || result.CarriedFrom is null, place);
            await OracleTests.AssertServesOracleAsync(platform, orders, seed);

            orders.Append(40);
            await platform.CatchUpSpeedAsync();
            RunResult next = await RunAsync(platform, place);
            Assert.True(next.CarriedFrom == result.Generation, $"{place}: {next.Message}");
            await OracleTests.AssertServesOracleAsync(platform, orders, seed);
        }

        RunResult full = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });
        Assert.True(full.Outcome == RunOutcome.Published, $"seed {seed}: {full.Message}");
        await OracleTests.AssertServesOracleAsync(platform, orders, seed);
        Assert.Empty((await DeletionScene.VerifyAsync(platform)).Problems);
    }

    [Fact]
    public async Task Layers_are_compared_over_what_came_after_a_deletion()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        await platform.RecomputeAsync();
        platform.Append(0, DeletionScene.New("late", "ber", hour: 3));
        await platform.CatchUpSpeedAsync();

        RunResult full = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });

        Assert.Equal(RunOutcome.Published, full.Outcome);
        CheckResult conservation = full.Report!.Checks.First(check => check.Name == "conservation of by_shop");
        Assert.Equal(CheckVerdict.Passed, conservation.Verdict);
        Assert.StartsWith(
            "Both layers have the same events and results in all 1 slices of events from [3, 0, 0] on. What lies below", conservation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_over_everything_passes_when_the_speed_layers_part_of_what_came_after_a_deletion_has_expired()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        foreach (int hour in (int[])[3, 50])
        {
            platform.Append(1, DeletionScene.New($"at{hour}", "ber", hour));
            await platform.CatchUpSpeedAsync();
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        BatchLease lease = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "expiry", TimeSpan.FromMinutes(1), Cancellation))!;
        await platform.Store.ExpireAsync(lease, DateTimeOffset.UtcNow.AddDays(1), Cancellation);
        await platform.Store.ReleaseLeaseAsync(lease, Cancellation);
        platform.Append(1, DeletionScene.New("new", "ber", hour: 51));
        await platform.CatchUpSpeedAsync();

        RunResult full = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });

        Assert.True(full.Outcome == RunOutcome.Published, full.Message);
        Assert.StartsWith(
            "Both layers have the same events and results in all 1 slices of events from [3, 2, 0] on. What lies below",
            full.Report!.Checks.First(check => check.Name == "conservation of by_shop").Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_between_the_layers_behind_a_deletion_blocks()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        platform.Append(0, DeletionScene.New("new", "ber", hour: 3));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, "by_shop", "ber").Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains("conservation of by_shop", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generation_from_before_a_deletion_does_not_serve_again()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        RunResult after = await platform.RecomputeAsync();
        platform.Append(1, DeletionScene.New("more", "ber", hour: 4));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();

        ViewStoreException error = await Assert.ThrowsAsync<ViewStoreException>(
            () => platform.Run().RollBackAsync(platform.Stream(), after.Generation!.Value - 1, Cancellation));
        Assert.Contains("before events were deleted", error.Message, StringComparison.Ordinal);
        await platform.Run().RollBackAsync(platform.Stream(), after.Generation!.Value, Cancellation);
    }

    /// <summary>All that came after the deletion was computed once more, all of it in memory, to be compared with a speed layer that has none of it.</summary>
    [Fact]
    public async Task A_store_that_is_made_anew_long_after_a_deletion_takes_no_more_memory_for_it()
    {
        await using Platform old = await DeletionScene.PublishedAsync();
        await old.DeleteAsync("shop = 'ams'");
        for (int i = 0; i < 6_000; i++)
        {
            old.Append(1, DeletionScene.New($"n{i}", $"shop {i}", hour: 24 * (i / 300)));
        }

        await old.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await old.RecomputeAsync()).Outcome);
        await using Platform anew = await Platform.CreateAsync(starts: await old.LogEndAsync());
        using IStreamArchive archive = await HistoryArchive.OpenAsync(old.Storage, anew.Definition, anew.Starts, TimeProvider.System, Cancellation);

        RunResult result = await anew.RecomputeAsync(anew.Run(options: Platform.Options with { MaxPartialBytes = 1_200_000 }), archive);

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(6_001, (await anew.BatchAsync(anew.Definition.Views[0])).Sum(row => row.EventCount));
        Assert.Equal(CheckVerdict.NotApplicable, result.Report!.Checks.First(check => check.Name == "conservation of by_shop").Verdict);
    }

    /// <summary>The versions of a history that was restored from an older copy begin again below those that generations were computed from.</summary>
    [Fact]
    public async Task A_deletion_from_a_history_that_was_restored_from_an_older_copy_is_told_from_what_came_before_it()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        string history = Path.Combine(platform.Folder, "history");
        string copy = Path.Combine(platform.Folder, "copy");
        CopyFolder(history, copy);
        RunResult? before = null;
        for (int i = 0; i < 4; i++)
        {
            platform.Append(1, DeletionScene.New($"more{i}", "ber", hour: 4));
            await platform.CatchUpSpeedAsync();
            before = await platform.RecomputeAsync();
            Assert.Equal(RunOutcome.Published, before.Outcome);
        }

        Directory.Delete(history, recursive: true);
        CopyFolder(copy, history);
        using IStreamArchive archive = await platform.OpenArchiveAsync();
        await platform.Deletion().RunAsync(platform.Stream(archive), "shop = 'ams'", DeletionMode.Delete, Cancellation);

        RunResult after = await platform.RecomputeAsync(archive: archive);
        Assert.True(after.Outcome == RunOutcome.Published, after.Message);
        Assert.Equal(["ber"], (await platform.BatchAsync(platform.Definition.Views[0])).Select(row => (string?)row.Key.Parts[0]).Distinct());
        ViewStoreException error = await Assert.ThrowsAsync<ViewStoreException>(
            () => platform.Run().RollBackAsync(platform.Stream(archive), before!.Generation!.Value, Cancellation));
        Assert.Contains("before events were deleted", error.Message, StringComparison.Ordinal);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static async Task<RunResult> RunAsync(Platform platform, string place)
    {
        RunResult result = await platform.RecomputeAsync();
        Assert.True(result.Outcome == RunOutcome.Published, $"{place}: {result.Message}");
        Assert.All(result.Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, $"{place}: {check.Message}"));
        return result;
    }

    /// <summary>Some condition, in SQL and as a function.</summary>
    private static (string Sql, Func<Order, bool> Matches) Condition(Random random, RandomOrders orders)
    {
        Order some = orders.Logged[random.Next(orders.Logged.Count)].Order;
        return random.Next(5) switch
        {
            0 => ($"shop = '{some.Shop}'", order => order.Shop == some.Shop),
            1 => ("amount <= 0 OR amount = 13", order => order.Amount is <= 0 or 13),
            2 => ("price IS NULL AND weight > 0", order => order.Price is null && order.Weight > 0),
            3 => (
                string.Create(CultureInfo.InvariantCulture, $"\"at\" >= TIMESTAMPTZ '{some.At:yyyy-MM-dd HH:mm:ss.ffffff}+00'"),
                order => order.At >= some.At),
            _ => ($"id IN ('{some.Id}', 'o7')", order => order.Id == some.Id || order.Id == "o7"),
        };
    }
}
