using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Deletion;

/// <summary>What a deletion finds, and what is left when it is asked for again, cut short or met by others.</summary>
public class DeletionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dry_run_counts_by_date_and_changes_nothing()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
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
        await using Platform platform = await DeletionScene.PublishedAsync();
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        Assert.Empty((await platform.DeleteAsync("shop = 'zrh' OR price > '9999'")).Events);

        Assert.Equal(version, (await platform.Archive.PinAsync(Cancellation)).Version);
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
        await using Platform platform = await DeletionScene.PublishedAsync();
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        BatchException error = await Assert.ThrowsAsync<BatchException>(() => platform.DeleteAsync(condition));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(version, (await platform.Archive.PinAsync(Cancellation)).Version);
    }

    [Fact]
    public async Task Whatever_step_it_ends_at_nothing_is_lost_and_a_second_one_does_the_rest()
    {
        int crashes = 0;
        for (int step = 0; ; step++)
        {
            await using Platform platform = await DeletionScene.PublishedAsync();
            platform.Append(0, DeletionScene.New("refused", "ams", hour: 2) with { Amount = -1 });
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
            Assert.All((await DeletionScene.VerifyAsync(platform)).Problems, problem => Assert.Contains("records that were deleted are there", problem.Problem, StringComparison.Ordinal));

            await platform.DeleteAsync("shop = 'ams'");
            RunResult whole = await platform.RecomputeAsync();
            Assert.True(whole.Outcome is RunOutcome.Published, $"step {step}: {whole.Message}");
            Assert.Equal(["ber"], (await platform.BatchAsync(platform.Definition.Views[0])).Select(row => (string?)row.Key.Parts[0]).Distinct());
            QuarantinePage kept = await platform.Store.ReadQuarantineAsync(Orders.Stream, QuarantineFilter.Any, 1, Cancellation);
            Assert.True(kept.Total == 0, $"step {step}: a refused record of a deleted event is kept");
            Assert.Empty((await DeletionScene.VerifyAsync(platform)).Problems);
        }
    }

    [Fact]
    public async Task Files_that_are_put_together_meanwhile_lose_their_events_all_the_same()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        platform.Append(2, DeletionScene.New("again", "ber", hour: 1));
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
        Assert.Empty((await DeletionScene.VerifyAsync(platform)).Problems);
    }

    /// <summary>Files that are not named within some minutes are given up, as a vacuum may take them for litter: what took longer than that was begun anew for ever.</summary>
    [Fact]
    public async Task A_date_whose_files_take_long_to_write_is_deleted_from_some_files_at_a_time()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        for (int i = 0; i < 4; i++)
        {
            platform.Append(1, DeletionScene.New($"more{i}", i % 2 == 0 ? "ams" : "ber", hour: 4));
            platform.Append(1, DeletionScene.New($"other{i}", i % 2 == 0 ? "ber" : "ams", hour: 4));
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
        Assert.Equal(["ber"], await DeletionScene.ShopsAsync(platform));
    }

    /// <summary>Another program had gone back to a version of before the deletion, as RESTORE does, and the history was called well.</summary>
    [Fact]
    public async Task Deleted_events_that_are_there_again_are_counted_with_how_to_delete_them()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        for (int i = 0; i < 5; i++)
        {
            platform.Append(1, DeletionScene.New($"d{i}", i % 4 == 3 ? "ber" : "ams", hour: 2));
        }

        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        long before = (await platform.Archive.PinAsync(Cancellation)).Version;
        await platform.DeleteAsync("shop = 'ams'");
        await platform.DeleteAsync("id = 'b'");
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Empty((await DeletionScene.VerifyAsync(platform)).Problems);
        Assert.Empty((await DeletionScene.VerifyAsync(platform, new HistoryPoint.AtVersion(before))).Problems);

        await DeletionScene.RestoreAsync(platform, before);

        VerifyProblem problem = Assert.Single((await DeletionScene.VerifyAsync(platform)).Problems);
        Assert.Equal((null, true), (problem.File, problem.TellsRemedy));
        Assert.StartsWith("records that were deleted are there, 7 of them", problem.Problem, StringComparison.Ordinal);
        string where = problem.Problem.Split('"')[1];
        Assert.Equal("(_partition = 0 AND _offset BETWEEN 0 AND 2) OR (_partition = 1 AND _offset BETWEEN 0 AND 2) OR (_partition = 1 AND _offset BETWEEN 4 AND 4)", where);

        await platform.DeleteAsync(where);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Empty((await DeletionScene.VerifyAsync(platform)).Problems);
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
}
