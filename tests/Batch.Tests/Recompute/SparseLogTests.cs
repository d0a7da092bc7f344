using System.Text.Json;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Logs with offsets that hold no record, that begin above 0, and that have lost records.</summary>
public class SparseLogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_that_the_history_has_lost_is_found_among_the_voids()
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(LogShape.Sparse));
        RandomOrders orders = new(7, platform, LogShape.Sparse);
        orders.Append(200);
        RunResult before = await platform.RecomputeAsync();
        int lost = await DeleteDateAsync(platform, DateOnly.FromDateTime(Orders.Day), orders);

        RunResult after = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, before.Outcome);
        Assert.True(lost > 0, "The date had no order.");
        Assert.Equal(RunOutcome.Blocked, after.Outcome);
        CheckResult check = after.Report!.Checks.Single(check => check.Name == "continuity of offsets");
        Assert.Equal((CheckVerdict.Failed, (double)lost), (check.Verdict, check.Observed));
    }

    [Fact]
    public async Task A_void_that_was_not_noted_is_a_loss()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, Good("a"));
        platform.Log.Skip(Orders.Stream, 1, 5);
        platform.Append(1, Good("b"));
        IReadOnlyDictionary<int, OffsetRange> ranges = new Dictionary<int, OffsetRange> { [1] = new OffsetRange(0, 7) };
        using ArchiveRun run = new(platform.Log, platform.Stream(), AcceptedGaps.None, Platform.Options);
        await run.ReadAsync(Boundary.Zero(Orders.Partitions), new Boundary([0, 7, 0]), [], Cancellation);
        await platform.Archive.AppendAsync(run.Events, ranges, Cancellation);

        RunResult result = await platform.RecomputeAsync();

        CheckResult check = result.Report!.Checks.Single(check => check.Name == "continuity of offsets");
        Assert.Equal((RunOutcome.Blocked, 5.0), (result.Outcome, check.Observed));
        using JsonDocument sample = JsonDocument.Parse(Assert.Single(check.SampleRows));
        Assert.Equal((1, 5), (sample.RootElement.GetProperty("firstOffset").GetInt32(), sample.RootElement.GetProperty("lastOffset").GetInt32()));
    }

    [Fact]
    public async Task A_loss_that_nobody_has_accepted_stops_the_archive_and_says_which_command_accepts_it()
    {
        await using Platform platform = await LosingAsync(from: 10, to: 14);
        await AcceptAsync(platform, 10, 13);

        OffsetTrimmedException error = await Assert.ThrowsAsync<OffsetTrimmedException>(() => platform.RecomputeAsync());

        Assert.Equal(new OffsetRange(10, 14), error.Missing);
        Assert.Contains("accept-gap orders", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_accepted_gap_is_passed_over_and_told_with_every_generation()
    {
        await using Platform platform = await LosingAsync(from: 10, to: 14);
        await AcceptAsync(platform, 12, 14);
        await AcceptAsync(platform, 10, 12);
        await platform.StartSpeedAsync();
        await platform.CatchUpSpeedAsync();

        RunResult first = await platform.RecomputeAsync();
        platform.Append(0, Good("late comer"));
        await platform.CatchUpSpeedAsync();
        RunResult second = await platform.RecomputeAsync();

        foreach ((RunResult result, int orders) in new[] { (first, 6), (second, 1) })
        {
            Assert.True(result.Outcome == RunOutcome.Published, result.Message);
            Assert.Equal(AuditOutcome.Warned, result.Report!.Outcome);
            CheckResult gaps = Assert.Single(result.Report.Checks, check => check.Verdict != CheckVerdict.Passed);
            Assert.Equal(("accepted gaps", CheckSeverity.Warn, 4.0), (gaps.Name, gaps.Severity, gaps.Observed));
            Assert.Contains("[10, 14) of partition 0", gaps.Message, StringComparison.Ordinal);
            Assert.Equal(orders, result.Rows);
        }

        Assert.Equal(7, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));
    }

    [Fact]
    public async Task What_the_speed_layer_has_read_of_an_accepted_gap_warns_and_does_not_block_for_ever()
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 10; i++)
        {
            platform.Append(0, Good($"o{i}"));
        }

        await platform.StartSpeedAsync();
        await platform.CatchUpSpeedAsync();
        await platform.Log.TrimAsync(Orders.Stream, 0, 4, Cancellation);
        await AcceptAsync(platform, 0, 4);

        RunResult first = await platform.RecomputeAsync();
        RunResult second = await platform.RecomputeAsync();

        Assert.True(first.Outcome == RunOutcome.Published, first.Message);
        CheckResult conservation = first.Report!.Checks.Single(check => check.Name == "conservation of by_shop");
        Assert.Equal((CheckSeverity.Warn, CheckVerdict.Failed), (conservation.Severity, conservation.Verdict));
        Assert.Contains("[0, 4) of partition 0", conservation.Message, StringComparison.Ordinal);
        CheckResult explained = first.Report.Checks.Single(check => check.Name == "explained corrections");
        Assert.Equal((CheckSeverity.Warn, CheckVerdict.Failed), (explained.Severity, explained.Verdict));
        Assert.Equal(CheckVerdict.Passed, second.Report!.Checks.Single(check => check.Name == "explained corrections").Verdict);
        Assert.Equal(RunOutcome.Published, second.Outcome);
    }

    [Fact]
    public async Task Lost_events_that_change_no_result_are_told_by_their_number()
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(0, Good("ahead") with { At = Orders.Day.AddHours(5) });
        platform.Append(0, Good("late") with { Shop = "rome" });
        platform.Append(0, Good("kept") with { At = Orders.Day.AddHours(6) });
        await platform.StartSpeedAsync();
        await platform.CatchUpSpeedAsync();
        await platform.Log.TrimAsync(Orders.Stream, 0, 2, Cancellation);
        await AcceptAsync(platform, 0, 2);

        RunResult result = await platform.RecomputeAsync();

        Assert.Contains(
            "it would show nothing as before, but 1 of its events would be gone.",
            result.Report!.Checks.Single(check => check.Name == "explained corrections").Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_that_no_gap_lies_before_blocks_though_the_stream_has_one()
    {
        await using Platform platform = await LosingAsync(from: 10, to: 14);
        await AcceptAsync(platform, 10, 14);
        await platform.StartSpeedAsync();
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        platform.Append(0, Good("next"));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, "by_shop", "ams").Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains("explained corrections", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("accepted gaps", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_record_that_compaction_has_removed_from_the_log_is_rebuilt_from_the_history()
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(LogShape.Sparse));
        platform.Append(2, Good("a"));
        long refused = platform.Append(2, Good("b") with { Amount = -5 });
        platform.Append(2, Good("c"));
        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        await archiver.ArchiveAsync(platform.Stream(), await platform.LogEndAsync(), Cancellation);
        platform.Log.Remove(Orders.Stream, 2, refused);

        await platform.RecomputeAsync();

        QuarantinedRecord record = (await platform.Store.FindQuarantinedAsync(Orders.Stream, 2, refused, Cancellation))!;
        using JsonDocument json = JsonDocument.Parse(record.Value);
        Assert.Equal(("b", -5), (json.RootElement.GetProperty("id").GetString(), json.RootElement.GetProperty("amount").GetInt32()));
    }

    [Fact]
    public async Task A_store_that_is_set_up_anew_behind_the_start_of_the_history_goes_on_from_it()
    {
        await using Platform old = await Platform.CreateAsync();
        await using Platform anew = await Platform.CreateAsync(starts: new Boundary([10, 0, 0]));
        for (int i = 0; i < 10; i++)
        {
            old.Append(0, Good($"o{i}"));
        }

        await old.RecomputeAsync();
        anew.Append(0, Good("next"));
        await anew.StartSpeedAsync();
        await anew.CatchUpSpeedAsync();
        using IStreamArchive archive = await HistoryArchive.OpenAsync(
            new LocalObjectStorage(Path.Combine(old.Folder, "history")), anew.Definition, anew.Starts, TimeProvider.System, Cancellation);

        RunResult result = await anew.RecomputeAsync(archive: archive);

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(11, (await anew.BatchAsync(anew.Definition.Views[0])).Sum(row => row.EventCount));
        CheckResult conservation = result.Report!.Checks.Single(check => check.Name == "conservation of by_shop");
        Assert.Equal(CheckVerdict.NotApplicable, conservation.Verdict);
        Assert.Contains("only from offset 10 on", conservation.Message, StringComparison.Ordinal);
    }

    private static Order Good(string id) => new(id, Orders.Day.AddHours(1), "ams", 20, 1, 1);

    /// <summary>A stream whose partition 0 begins at 10, and has lost the beginning of its ten orders.</summary>
    private static async Task<Platform> LosingAsync(long from, long to)
    {
        Platform platform = await Platform.CreateAsync(starts: new Boundary([from, 0, 0]));
        for (int i = 0; i < 10; i++)
        {
            platform.Append(0, Good($"o{i}"));
        }

        await platform.Log.TrimAsync(Orders.Stream, 0, to, Cancellation);
        return platform;
    }

    private static ValueTask AcceptAsync(Platform platform, long start, long end) => platform.Store.AcceptGapAsync(
        new LogGap(Orders.Stream, 0, new OffsetRange(start, end), DateTimeOffset.UnixEpoch), Cancellation);

    /// <summary>Takes the files of a date out of the history, as a clumsy person would, and returns how many orders that loses.</summary>
    private static async Task<int> DeleteDateAsync(Platform platform, DateOnly date, RandomOrders orders)
    {
        DeltaLog log = new(new LocalObjectStorage(Path.Combine(platform.Folder, "history")), "orders/events", TimeProvider.System);
        DeltaSnapshot snapshot = (await log.FindLatestAsync(Cancellation))!;
        DeltaAction[] removals =
        [
            .. snapshot.Files.Where(file => file.PartitionValues.Values.Contains(date.ToString("yyyy-MM-dd")))
                .Select(file => new RemoveFile(file.Path, 0, DataChange: true)),
        ];
        Assert.NotNull(await log.TryCommitAsync(snapshot, removals, "DELETE", Cancellation));
        return orders.Logged.Count(placed => DateOnly.FromDateTime(placed.Order.At) == date);
    }
}
