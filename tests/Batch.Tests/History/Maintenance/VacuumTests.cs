using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.History.Maintenance;

public sealed class VacuumTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replaced_files_stay_as_long_as_versions_with_them_may_be_read()
    {
        using HistoryFixture history = await CreateAsync();
        HistoryTable table = await history.OpenAsync();
        HistorySnapshot old = table.Current;
        List<string> rows = TableRows.Of(history, old);
        history.Time.Advance(TimeSpan.FromDays(6));
        await TableRows.CompactAsync(history);

        // The files are old by now, but they were replaced today.
        history.Time.Advance(TimeSpan.FromDays(6));
        Assert.Empty((await TableRows.VacuumAsync(history)).Files);
        Assert.Equal(rows, TableRows.Of(history, old));

        history.Time.Advance(TimeSpan.FromDays(2));
        VacuumResult listed = await TableRows.VacuumAsync(history, mode: VacuumMode.DryRun);
        Assert.Equal(old.Table.Files.Select(history.PathOf).Except((await table.RefreshAsync(Cancellation)).Table.Files.Select(history.PathOf)).Order(), listed.Files);
        Assert.All(listed.Files, file => Assert.True(File.Exists(file)));

        VacuumResult deleted = await TableRows.VacuumAsync(history);
        Assert.Equal(listed.Files, deleted.Files);
        Assert.Equal(listed.Bytes, deleted.Bytes);
        Assert.All(deleted.Files, file => Assert.False(File.Exists(file)));
        Assert.Equal(rows, TableRows.Of(history, await table.RefreshAsync(Cancellation)));
        Assert.Empty((await TableRows.VacuumAsync(history)).Files);
    }

    /// <summary>The time of one commit had checkpoints, and whoever follows the table, forget what was removed lately; the times of all later ones are behind it.</summary>
    /// <param name="version">The version that the clock makes: one of a checkpoint, or one at which old removals are looked for.</param>
    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    public async Task Replaced_files_stay_although_a_commit_was_made_by_a_clock_that_is_far_ahead(long version)
    {
        using HistoryFixture history = await CreateAsync();
        HistoryTable table = await history.OpenAsync();
        HistorySnapshot old = table.Current;
        List<string> rows = TableRows.Of(history, old);
        foreach (AddFile file in old.Table.Files)
        {
            File.SetLastWriteTimeUtc(history.PathOf(file), DateTime.UtcNow.AddDays(-10));
        }

        await TableRows.CompactAsync(history);
        while ((await table.RefreshAsync(Cancellation)).Version < version - 1)
        {
            await TableRows.AppendAsync(table, 1, table.Current.EndOffset(1) ?? 0, runs: 1, rowsPerRun: 3, wild: false);
        }

        HistoryTable ahead = await HistoryTable.OpenAsync(
            history.Storage, HistoryFixture.Stream, Readings.Schema, Readings.At, starts: null,
            new FakeTimeProvider(history.Time.GetUtcNow().AddDays(40)), Cancellation);
        await TableRows.AppendAsync(ahead, 2, 0, runs: 1, rowsPerRun: 3);
        Assert.Equal(version, ahead.Current.Version);

        // Whoever follows the table writes the next checkpoint.
        await TableRows.AppendAsync(table, 2, 3, runs: DeltaLog.CheckpointInterval, rowsPerRun: 3);

        Assert.Empty((await TableRows.VacuumAsync(history)).Files);
        Assert.Equal(rows, TableRows.Of(history, old));
    }

    [Fact]
    public async Task The_files_and_the_log_of_a_pinned_version_stay_however_old()
    {
        using HistoryFixture history = await CreateAsync();
        HistoryTable table = await history.OpenAsync();
        HistorySnapshot pinned = table.Current;
        List<string> rows = TableRows.Of(history, pinned);
        await TableRows.CompactAsync(history);
        await TableRows.AppendAsync(table, 1, 0, runs: 12, rowsPerRun: 3);
        await TableRows.CompactAsync(history);
        history.Time.Advance(TimeSpan.FromDays(40));

        VacuumResult result = await TableRows.VacuumAsync(history, [pinned.Version]);

        // What was replaced after the pinned version, and is not part of it, goes.
        Assert.NotEmpty(result.Files);
        DeltaSnapshot again = await new DeltaLog(history.Storage, TableRows.Shape.Folder, history.Time).ReadAsync(pinned.Version, Cancellation);
        Assert.Equal(rows, TableRows.Of(Duck.List(again.Files.Select(history.PathOf))));

        Assert.NotEmpty((await TableRows.VacuumAsync(history)).Files);
        Assert.Equal(
            (await table.RefreshAsync(Cancellation)).Table.Files.Select(history.PathOf).Order(), TableRows.FilesOnDisk(history).Order());
    }

    [Fact]
    public async Task What_crashed_writers_left_goes_when_it_is_old_and_what_others_keep_there_stays()
    {
        using HistoryFixture history = await CreateAsync();
        HistoryTable table = await history.OpenAsync();
        string root = Path.Combine(history.Folder, HistoryFixture.Stream, "events");
        string date = Path.GetDirectoryName(history.PathOf(table.Current.Table.Files.First()))!;
        string orphan = Path.Combine(date, "part-orphan.zstd.parquet");
        string unfinished = Path.Combine(root, "_delta_log", "00000000000000000099.json.0123.tmp~");
        string[] foreign = [Path.Combine(root, "notes.parquet"), Path.Combine(date, "README.txt"), Path.Combine(root, "_mine", "a.parquet")];
        Directory.CreateDirectory(Path.Combine(root, "_mine"));
        foreach (string file in (string[])[orphan, unfinished, .. foreign])
        {
            await File.WriteAllTextAsync(file, "x", Cancellation);
        }

        Assert.Empty((await TableRows.VacuumAsync(history)).Files);
        Assert.True(File.Exists(orphan) && File.Exists(unfinished));

        history.Time.Advance(TimeSpan.FromDays(8));
        VacuumResult result = await TableRows.VacuumAsync(history);
        Assert.Equal([orphan], result.Files);
        Assert.Equal(1, result.Unfinished);
        Assert.False(File.Exists(orphan) || File.Exists(unfinished));
        Assert.All(foreign, file => Assert.True(File.Exists(file)));
    }

    [Fact]
    public async Task Commits_go_when_a_checkpoint_covers_them_and_every_version_within_the_retention_can_be_read()
    {
        using HistoryFixture history = await CreateAsync();
        HistoryTable table = await history.OpenAsync();
        await TableRows.AppendAsync(table, 1, 0, runs: 20, rowsPerRun: 3);
        history.Time.Advance(TimeSpan.FromDays(6));
        await TableRows.AppendAsync(table, 1, 60, runs: 15, rowsPerRun: 3);
        history.Time.Advance(TimeSpan.FromDays(2));

        VacuumResult result = await TableRows.VacuumAsync(history);

        LogListing left = await LogListing.ReadAsync(history.Storage, TableRows.Shape.Folder, Cancellation);
        long oldest = left.Oldest!.Value;
        Assert.Equal(20, oldest);
        Assert.Equal(oldest, left.Commits.Keys.First());
        Assert.True(result.LogFiles >= oldest);
        for (long version = oldest; version <= table.Current.Version; version++)
        {
            Assert.Equal(version, (await table.ReadVersionAsync(version, Cancellation)).Version);
        }

        Assert.Equal(table.Current.Version, (await history.OpenAsync()).Current.Version);
    }

    [Fact]
    public async Task A_retention_that_would_delete_what_writers_are_at_is_refused()
    {
        using HistoryFixture history = await CreateAsync();
        ArgumentOutOfRangeException error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => new TableVacuum(history.Storage, TableRows.Shape, history.Time).RunAsync(TimeSpan.FromMinutes(59), [], VacuumMode.Delete, Cancellation));
        Assert.Contains("1 hour to 30 days", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOptions { HistoryRetention = TimeSpan.FromMinutes(59) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOptions { HistoryRetention = TimeSpan.FromDays(31) });
    }

    /// <summary>Files are as old as the machine's clock says, so the test's must not be behind it.</summary>
    private static async Task<HistoryFixture> CreateAsync()
    {
        HistoryFixture history = new();
        history.Time.SetUtcNow(DateTimeOffset.UtcNow.AddMinutes(1));
        await TableRows.AppendAsync(await history.OpenAsync(), 0, 0, runs: 3);
        return history;
    }
}
