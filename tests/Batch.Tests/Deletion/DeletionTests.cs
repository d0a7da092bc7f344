using System.Globalization;
using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Deletion;

public class DeletionTests
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
        Assert.Empty((await VerifyAsync(platform)).Problems);
    }

    [Fact]
    public async Task Layers_are_compared_over_what_came_after_a_deletion()
    {
        await using Platform platform = await PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        await platform.RecomputeAsync();
        platform.Append(0, New("late", "ber", hour: 3));
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
        await using Platform platform = await PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        foreach (int hour in (int[])[3, 50])
        {
            platform.Append(1, New($"at{hour}", "ber", hour));
            await platform.CatchUpSpeedAsync();
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        BatchLease lease = (await platform.Store.TryAcquireLeaseAsync(Orders.Stream, "expiry", TimeSpan.FromMinutes(1), Cancellation))!;
        await platform.Store.ExpireAsync(lease, DateTimeOffset.UtcNow.AddDays(1), Cancellation);
        await platform.Store.ReleaseLeaseAsync(lease, Cancellation);
        platform.Append(1, New("new", "ber", hour: 51));
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
        await using Platform platform = await PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        platform.Append(0, New("new", "ber", hour: 3));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, "by_shop", "ber").Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains("conservation of by_shop", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_counts_by_date_and_changes_nothing()
    {
        await using Platform platform = await PublishedAsync();
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        DeletionResult result = await platform.DeleteAsync("shop = 'ams' -- and no other", DeletionMode.DryRun);

        Assert.Equal([(new DateOnly(2024, 5, 4), 1), (new DateOnly(2024, 5, 5), 1)], result.Events.Select(date => (date.Key, date.Value)).Order());
        IArchiveSnapshot archive = await platform.Archive.PinAsync(Cancellation);
        Assert.Equal((version, null), (archive.Version, archive.Deletion));
        Assert.False(Directory.Exists(Path.Combine(platform.Folder, "history", Orders.Stream, "deletions")));
    }

    [Fact]
    public async Task What_matches_nothing_changes_nothing()
    {
        await using Platform platform = await PublishedAsync();
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        Assert.Empty((await platform.DeleteAsync("shop = 'zrh' OR price > '9999'")).Events);

        Assert.Equal(version, (await platform.Archive.PinAsync(Cancellation)).Version);
    }

    [Fact]
    public async Task Nothing_is_deleted_when_a_file_that_another_program_has_written_keeps_some_of_it()
    {
        await using Platform platform = await PublishedAsync();
        await RewriteLastFileAsync(platform, "*, 1 AS more");
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        HistoryException refused = await Assert.ThrowsAsync<HistoryException>(() => platform.DeleteAsync("shop = 'ams'"));

        Assert.Contains("foreign.parquet' cannot be deleted: it has a column 'more'", refused.Message, StringComparison.Ordinal);
        IArchiveSnapshot archive = await platform.Archive.PinAsync(Cancellation);
        Assert.Equal((version, null), (archive.Version, archive.Deletion));
        Assert.False(Directory.Exists(Path.Combine(platform.Folder, "history", Orders.Stream, "deletions")));
        Assert.Equal(1, (await platform.DeleteAsync("id = 'a'")).Files);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    [Fact]
    public async Task Events_go_out_of_files_that_another_program_has_written()
    {
        await using Platform platform = await PublishedAsync();
        await RewriteLastFileAsync(platform, "*");

        DeletionResult result = await platform.DeleteAsync("shop = 'ams'");

        Assert.Equal((2, 2), (result.Events.Values.Sum(), result.Files));
        Assert.Empty((await platform.DeleteAsync("shop = 'ams'", DeletionMode.DryRun)).Events);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    [Theory]
    [InlineData("shop = ", "The condition cannot be read")]
    [InlineData("true); DELETE FROM events; SELECT (1", "cannot be read")]
    [InlineData("true) OR (true", "cannot be read")]
    [InlineData("true); SELECT (true", "cannot be read")]
    [InlineData("true) UNION ALL SELECT 1, 2, (3", "cannot be read")]
    [InlineData("true; SELECT 1", "more than one")]
    [InlineData("true UNION ALL SELECT 1", "more than one")]
    [InlineData("true GROUP BY shop", "more than one")]
    [InlineData("true ORDER BY shop", "more than one")]
    [InlineData("true LIMIT 1", "more than one")]
    [InlineData("colour = 'red'", "colour")]
    [InlineData("CAST(shop AS INTEGER) = 1", "ams")]
    public async Task A_wrong_condition_deletes_nothing_and_says_what_is_wrong(string condition, string expected)
    {
        await using Platform platform = await PublishedAsync();
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        BatchException error = await Assert.ThrowsAsync<BatchException>(() => platform.DeleteAsync(condition));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(version, (await platform.Archive.PinAsync(Cancellation)).Version);
    }

    [Fact]
    public async Task A_generation_from_before_a_deletion_does_not_serve_again()
    {
        await using Platform platform = await PublishedAsync();
        await platform.DeleteAsync("shop = 'ams'");
        RunResult after = await platform.RecomputeAsync();
        platform.Append(1, New("more", "ber", hour: 4));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();

        ViewStoreException error = await Assert.ThrowsAsync<ViewStoreException>(
            () => platform.Run().RollBackAsync(platform.Stream(), after.Generation!.Value - 1, Cancellation));
        Assert.Contains("before events were deleted", error.Message, StringComparison.Ordinal);
        await platform.Run().RollBackAsync(platform.Stream(), after.Generation!.Value, Cancellation);
    }

    [Fact]
    public async Task Whatever_step_it_ends_at_nothing_is_lost_and_a_second_one_does_the_rest()
    {
        int crashes = 0;
        for (int step = 0; ; step++)
        {
            await using Platform platform = await PublishedAsync();
            platform.Append(0, New("refused", "ams", hour: 2) with { Amount = -1 });
            await platform.CatchUpSpeedAsync();
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
            Assert.Equal(1, (await platform.Store.ReadQuarantineAsync(Orders.Stream, QuarantineFilter.Any, 1, Cancellation)).Total);
            FaultyStorage storage = new(new LocalObjectStorage(Path.Combine(platform.Folder, "history")), step);
            try
            {
                await platform.DeleteAsync("shop = 'ams'", storage: storage);
                Assert.False(storage.HasCrashed);
                Assert.True(crashes > 10, $"only {crashes} steps");
                return;
            }
            catch (SimulatedCrashException)
            {
                crashes++;
            }

            RunResult half = await platform.RecomputeAsync();
            Assert.True(half.Outcome is RunOutcome.Published, $"step {step}: {half.Message}");
            Assert.All((await VerifyAsync(platform)).Problems, problem => Assert.Contains("records that were deleted are there", problem.Problem, StringComparison.Ordinal));

            await platform.DeleteAsync("shop = 'ams'");
            RunResult whole = await platform.RecomputeAsync();
            Assert.True(whole.Outcome is RunOutcome.Published, $"step {step}: {whole.Message}");
            Assert.Equal(["ber"], (await platform.BatchAsync(platform.Definition.Views[0])).Select(row => (string?)row.Key.Parts[0]).Distinct());
            QuarantinePage kept = await platform.Store.ReadQuarantineAsync(Orders.Stream, QuarantineFilter.Any, 1, Cancellation);
            Assert.True(kept.Total == 0, $"step {step}: a refused record of a deleted event is kept");
            Assert.Empty((await VerifyAsync(platform)).Problems);
        }
    }

    [Fact]
    public async Task Files_that_are_put_together_meanwhile_lose_their_events_all_the_same()
    {
        await using Platform platform = await PublishedAsync();
        platform.Append(2, New("again", "ber", hour: 1));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        HistoryMaintenance maintenance = new(storage, platform.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance);
        InterruptedStorage interrupted = new(
            storage, $"{HistoryLayout.EventsOf(Orders.Stream)}/_delta_log/", () => maintenance.CompactAsync(platform.Stream(), Cancellation));

        await platform.DeleteAsync("shop = 'ams'", storage: interrupted);

        Assert.True(interrupted.WasInterrupted);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(["ber"], (await platform.BatchAsync(platform.Definition.Views[0])).Select(row => (string?)row.Key.Parts[0]).Distinct());
        Assert.Empty((await VerifyAsync(platform)).Problems);
    }

    /// <summary>All that came after the deletion was computed once more, all of it in memory, to be compared with a speed layer that has none of it.</summary>
    [Fact]
    public async Task A_store_that_is_made_anew_long_after_a_deletion_takes_no_more_memory_for_it()
    {
        await using Platform old = await PublishedAsync();
        await old.DeleteAsync("shop = 'ams'");
        for (int i = 0; i < 6_000; i++)
        {
            old.Append(1, New($"n{i}", $"shop {i}", hour: 24 * (i / 300)));
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
        await using Platform platform = await PublishedAsync();
        string history = Path.Combine(platform.Folder, "history");
        string copy = Path.Combine(platform.Folder, "copy");
        CopyFolder(history, copy);
        RunResult? before = null;
        for (int i = 0; i < 4; i++)
        {
            platform.Append(1, New($"more{i}", "ber", hour: 4));
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

    /// <summary>Files that are not named within some minutes are given up, as a vacuum may take them for litter: what took longer than that was begun anew for ever.</summary>
    [Fact]
    public async Task A_date_whose_files_take_long_to_write_is_deleted_from_some_files_at_a_time()
    {
        await using Platform platform = await PublishedAsync();
        for (int i = 0; i < 4; i++)
        {
            platform.Append(1, New($"more{i}", i % 2 == 0 ? "ams" : "ber", hour: 4));
            platform.Append(1, New($"other{i}", i % 2 == 0 ? "ber" : "ams", hour: 4));
            await platform.CatchUpSpeedAsync();
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        }

        Boundary below = (await platform.Archive.RefreshAsync(Cancellation)).Events;
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        SlowStorage storage = new(platform.Storage, () => time.Advance(TimeSpan.FromMinutes(9)));
        HashSet<LogPosition> gone = [new(0, 0), .. Enumerable.Range(0, 8).Where(i => i % 4 is 0 or 3).Select(i => new LogPosition(1, i))];
        await DeletionTable.AppendAsync(platform.Storage, Orders.Stream, gone, time, Cancellation);

        int files = await new EventDeleter(storage, platform.Definition, below, computed: 0, time).DeleteAsync(DateOnly.FromDateTime(Orders.Day), gone, Cancellation);

        Assert.Equal(5, files);
        Assert.Equal(["ber"], await ShopsAsync(platform));
    }

    /// <summary>Another program had gone back to a version of before the deletion, as RESTORE does, and the history was called well.</summary>
    [Fact]
    public async Task Deleted_events_that_are_there_again_are_counted_with_how_to_delete_them()
    {
        await using Platform platform = await PublishedAsync();
        for (int i = 0; i < 5; i++)
        {
            platform.Append(1, New($"d{i}", i % 4 == 3 ? "ber" : "ams", hour: 2));
        }

        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        long before = (await platform.Archive.PinAsync(Cancellation)).Version;
        await platform.DeleteAsync("shop = 'ams'");
        await platform.DeleteAsync("id = 'b'");
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Empty((await VerifyAsync(platform)).Problems);
        Assert.Empty((await VerifyAsync(platform, new HistoryPoint.AtVersion(before))).Problems);

        await RestoreAsync(platform, before);

        VerifyProblem problem = Assert.Single((await VerifyAsync(platform)).Problems);
        Assert.Equal((null, true), (problem.File, problem.TellsRemedy));
        Assert.StartsWith("records that were deleted are there, 7 of them", problem.Problem, StringComparison.Ordinal);
        string where = problem.Problem.Split('"')[1];
        Assert.Equal("(_partition = 0 AND _offset BETWEEN 0 AND 2) OR (_partition = 1 AND _offset BETWEEN 0 AND 2) OR (_partition = 1 AND _offset BETWEEN 4 AND 4)", where);

        await platform.DeleteAsync(where);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Empty((await VerifyAsync(platform)).Problems);
    }

    private static async Task<IReadOnlyList<string?>> ShopsAsync(Platform platform)
    {
        using LocalFiles files = await (await platform.Archive.PinAsync(Cancellation)).OpenFilesAsync(Cancellation);
        List<string?> shops = [];
        await foreach (System.Data.Common.DbDataReader row in ParquetFiles.QueryAsync("DISTINCT shop", files.Paths, "\"at\" < '2024-05-05'", Cancellation))
        {
            shops.Add(row.GetString(0));
        }

        return shops;
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

    /// <summary>A storage to which it takes time to write a data file.</summary>
    private sealed class SlowStorage(IObjectStorage inner, Action wait) : PassingStorage(inner)
    {
        private int _files;

        public override async Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            await base.PutAsync(name, content, cancellationToken);
            wait();
            Assert.True(++_files < 30, "Files are written again and again.");
        }
    }

    /// <summary>A platform whose first generation has orders of two shops on two days, in a file for each.</summary>
    private static async Task<Platform> PublishedAsync()
    {
        Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, New("a", "ams", hour: 1));
        platform.Append(0, New("b", "ber", hour: 1));
        platform.Append(0, New("c", "ams", hour: 30));
        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        return platform;
    }

    /// <summary>Commits the files of a version in the place of those that there are.</summary>
    private static async Task RestoreAsync(Platform platform, long version)
    {
        string table = HistoryLayout.EventsOf(Orders.Stream);
        DeltaLog log = new(platform.Storage, table, TimeProvider.System);
        DeltaSnapshot old = await log.ReadAsync(new HistoryPoint.AtVersion(version), Cancellation);
        DeltaSnapshot current = (await log.FindLatestAsync(Cancellation))!;
        DeltaAction[] actions =
        [
            .. current.Files.Where(file => old.Find(file.Path) is null).Select(file => RemoveFile.Deleted(file, 0)),
            .. old.Files.Where(file => current.Find(file.Path) is null),
        ];
        string commit = $"{table}/{DeltaPaths.Commit(current.Version + 1)}";
        Assert.True(await platform.Storage.PutIfAbsentAsync(commit, DeltaCommit.Write(actions, new CommitInfo(null, "RESTORE")), Cancellation));
    }

    /// <summary>Puts a file that DuckDB writes in the place of that of the last date.</summary>
    private static async Task RewriteLastFileAsync(Platform platform, string columns)
    {
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        string table = HistoryLayout.EventsOf(Orders.Stream);
        DeltaSnapshot current = (await new DeltaLog(storage, table, TimeProvider.System).FindLatestAsync(Cancellation))!;
        await ForeignFiles.RewriteAsync(storage, table, current, [current.Files.MaxBy(file => file.Path, StringComparer.Ordinal)!], columns);
    }

    private static Order New(string id, string shop, int hour) => new(id, Orders.Day.AddHours(hour), shop, 20, 1, 5);

    private static async Task<RunResult> RunAsync(Platform platform, string place)
    {
        RunResult result = await platform.RecomputeAsync();
        Assert.True(result.Outcome == RunOutcome.Published, $"{place}: {result.Message}");
        Assert.All(result.Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, $"{place}: {check.Message}"));
        return result;
    }

    private static async Task<VerifyResult> VerifyAsync(Platform platform, HistoryPoint? point = null) => await new HistoryVerifier(
        new LocalObjectStorage(Path.Combine(platform.Folder, "history")),
        platform.Definition,
        Orders.Partitions,
        await AcceptedGaps.ReadAsync(platform.Store, Orders.Stream, Cancellation),
        TimeProvider.System).RunAsync(point ?? HistoryPoint.Now, Cancellation);

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
