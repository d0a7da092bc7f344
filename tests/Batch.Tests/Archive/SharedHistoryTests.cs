using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Quality;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Archive;

/// <summary>Two processes that have each a history of its own, by mistake, and one store.</summary>
public class SharedHistoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_with_a_history_of_its_own_publishes_nothing_after_another_has()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(8, platform);
        orders.Append(50);
        LocalObjectStorage elsewhere = new(Path.Combine(platform.Folder, "elsewhere"));
        using HistoryArchive own = await HistoryArchive.OpenAsync(elsewhere, platform.Definition, platform.Starts, TimeProvider.System, Cancellation);
        RecomputeRun second = platform.Run();
        RunResult published = await platform.RecomputeAsync();
        orders.Append(5);

        BatchException refused = await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync(second, own));
        Assert.Contains($"generation {published.Generation}, which is served, was computed from the history", refused.Message, StringComparison.Ordinal);
        Assert.Contains((await own.PinAsync(Cancellation)).Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains("the setting History is the same for all", refused.Message, StringComparison.Ordinal);
        HistoryCheck check = new(platform.Store, elsewhere, TimeProvider.System);
        foreach (string? told in (string?[])[await check.FindProblemAsync(await StatusAsync(platform), Cancellation), await VerifyAsync(platform, elsewhere)])
        {
            Assert.StartsWith($"Stream '{Orders.Stream}': generation {published.Generation}, which is served, was computed from the history", told, StringComparison.Ordinal);
            Assert.Contains("Another one, ", told, StringComparison.Ordinal);
            Assert.Contains($"history adopt --stream {Orders.Stream}", told, StringComparison.Ordinal);
        }

        Assert.Null(await new HistoryCheck(platform.Store, platform.Storage, TimeProvider.System).FindProblemAsync(await StatusAsync(platform), Cancellation));
        Assert.Null(await VerifyAsync(platform, platform.Storage));
        GenerationInfo only = Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation));
        Assert.Equal((published.Generation, GenerationState.Current), (only.Generation, only.State));
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);

        // Taken for the stream's on purpose, it is the first one that is refused.
        await HistoryIdentity.ForgetAsync(platform.Store, Orders.Stream, Platform.Options, TimeProvider.System, Cancellation);
        Assert.Null(await check.FindProblemAsync(await StatusAsync(platform), Cancellation));
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync(second, own)).Outcome);
        await Assert.ThrowsAsync<BatchException>(() => platform.RecomputeAsync());
        await OracleTests.AssertServesOracleAsync(platform, orders, 8);
        Assert.Null(await check.FindProblemAsync(await StatusAsync(platform), Cancellation));
        Assert.Contains("Another one, ", await VerifyAsync(platform, platform.Storage), StringComparison.Ordinal);
    }

    /// <summary>A history that was the right one may be overtaken later, by a process that takes another for the stream's.</summary>
    [Fact]
    public async Task A_history_that_was_right_is_looked_at_again_for_each_generation()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(9, platform).Append(20);
        HistoryCheck check = new(platform.Store, platform.Storage, TimeProvider.System);
        await platform.RecomputeAsync();
        Assert.Null(await check.FindProblemAsync(await StatusAsync(platform), Cancellation));
        LocalObjectStorage elsewhere = new(Path.Combine(platform.Folder, "elsewhere"));
        using HistoryArchive other = await HistoryArchive.OpenAsync(elsewhere, platform.Definition, platform.Starts, TimeProvider.System, Cancellation);
        await HistoryIdentity.ForgetAsync(platform.Store, Orders.Stream, Platform.Options, TimeProvider.System, Cancellation);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync(platform.Run(), other)).Outcome);

        Assert.Contains("Another one, ", await check.FindProblemAsync(await StatusAsync(platform), Cancellation), StringComparison.Ordinal);
    }

    /// <summary>
    /// What was counted before and is nowhere any more changes windows without another reason: every run was blocked for good, although the gap was accepted.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_history_is_made_anew_of_a_log_that_has_forgotten_its_beginning(bool hasSpeedLayer)
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int hour = 0; hour < 4; hour++)
        {
            platform.Append(0, new Order($"{hour}", Orders.Day.AddHours(hour), "ams", 20, 1, 1));
        }

        if (hasSpeedLayer)
        {
            await platform.StartSpeedAsync();
            await platform.CatchUpSpeedAsync();
        }

        RunResult before = await platform.RecomputeAsync();
        await platform.Log.TrimAsync(Orders.Stream, 0, 2, Cancellation);
        using HistoryArchive anew = await HistoryArchive.OpenAsync(
            new LocalObjectStorage(Path.Combine(platform.Folder, "anew")), platform.Definition, platform.Starts, TimeProvider.System, Cancellation);
        await HistoryIdentity.ForgetAsync(platform.Store, Orders.Stream, Platform.Options, TimeProvider.System, Cancellation);
        await Assert.ThrowsAnyAsync<Exception>(() => platform.RecomputeAsync(platform.Run(), anew));
        await platform.Store.AcceptGapAsync(new LogGap(Orders.Stream, 0, new OffsetRange(0, 2), DateTimeOffset.UnixEpoch), Cancellation);

        RunResult result = await platform.RecomputeAsync(platform.Run(), anew);

        Assert.Equal(RunOutcome.Published, before.Outcome);
        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(AuditOutcome.Warned, result.Report!.Outcome);
        Assert.Equal(2, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));

        platform.Append(0, new Order("5", Orders.Day.AddHours(1), "ams", 20, 1, 1));
        if (hasSpeedLayer)
        {
            await platform.CatchUpSpeedAsync();
        }

        foreach (RunScope scope in (RunScope[])[RunScope.New, RunScope.All])
        {
            RunResult next = await platform.Run().RunAsync(
                platform.Stream(anew), RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) }, new Progress<RunProgress>(), Cancellation);
            Assert.True(next.Outcome == RunOutcome.Published, next.Message);
        }
    }

    /// <summary>Of an older copy it is known what the generation that serves was computed from: what is missing now was not missing then.</summary>
    [Fact]
    public async Task A_history_from_an_older_copy_goes_on_without_what_the_log_has_forgotten_since()
    {
        await using Platform platform = await Platform.CreateAsync();
        string copy = Path.Combine(platform.Folder, "copy");
        for (int hour = 0; hour < 4; hour++)
        {
            platform.Append(0, new Order($"{hour}", Orders.Day.AddHours(hour), "ams", 20, 1, 1));
            Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
            if (hour == 1)
            {
                CopyFolder(Path.Combine(platform.Folder, "history"), copy);
            }
        }

        await platform.Log.TrimAsync(Orders.Stream, 0, 3, Cancellation);
        await platform.Store.AcceptGapAsync(new LogGap(Orders.Stream, 0, new OffsetRange(2, 3), DateTimeOffset.UnixEpoch), Cancellation);
        using HistoryArchive older = await HistoryArchive.OpenAsync(
            new LocalObjectStorage(copy), platform.Definition, platform.Starts, TimeProvider.System, Cancellation);

        RunResult result = await platform.RecomputeAsync(platform.Run(), older);

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        CheckResult explained = result.Report!.Checks.Single(check => check.Name == "explained corrections");
        Assert.Equal((CheckSeverity.Warn, CheckVerdict.Failed), (explained.Severity, explained.Verdict));
        Assert.Contains("goes on without offsets [2, 3) of partition 0,", explained.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copied = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copied)!);
            File.Copy(file, copied);
        }
    }

    /// <summary>Pages ask every few seconds where streams stand.</summary>
    [Fact]
    public async Task A_storage_out_of_reach_is_waited_for_once_and_asked_again_later()
    {
        await using Platform platform = await Platform.CreateAsync();
        new RandomOrders(10, platform).Append(20);
        await platform.RecomputeAsync();
        StreamStatus status = await StatusAsync(platform);
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        SilentStorage silent = new(platform.Storage);
        HistoryCheck check = new(platform.Store, silent, time);

        Assert.Contains("could not be read within 3 s", await AskAsync(), StringComparison.Ordinal);
        Assert.Contains("could not be read within 3 s", await check.FindProblemAsync(status, Cancellation), StringComparison.Ordinal);
        Assert.Equal(1, silent.Questions);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Contains("could not be read within 3 s", await AskAsync(), StringComparison.Ordinal);
        Assert.Equal(2, silent.Questions);

        async Task<string?> AskAsync()
        {
            Task<string?> answer = check.FindProblemAsync(status, Cancellation).AsTask();
            await silent.AskedAsync(Cancellation);
            time.Advance(TimeSpan.FromSeconds(3));
            return await answer;
        }
    }

    private static async Task<StreamStatus> StatusAsync(Platform platform) => (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!;

    /// <summary>The only problem of a history; null when there is none.</summary>
    private static async Task<string?> VerifyAsync(Platform platform, IObjectStorage storage) => (await new HistoryMaintenance(
        storage, platform.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance)
        .VerifyAsync(platform.Definition, Orders.Partitions, HistoryPoint.Now, Cancellation)).Problems.SingleOrDefault()?.Problem;
}
