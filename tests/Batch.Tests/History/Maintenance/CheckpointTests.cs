using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;

namespace Lambda.Batch.Tests.History.Maintenance;

public sealed class CheckpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_the_same_from_its_checkpoint_as_from_all_commits()
    {
        using HistoryFixture history = new();
        DeltaSnapshot table = await WriteAsync(history);
        List<string> fromCommits = StateOf(table);
        foreach (int version in Enumerable.Range(0, DeltaLog.CheckpointInterval))
        {
            File.Delete(LogPath(history, DeltaPaths.Commit(version)));
        }

        DeltaSnapshot opened = (await Log(history).FindLatestAsync(Cancellation))!;

        Assert.Equal(table.Version, opened.Version);
        Assert.Equal(fromCommits, StateOf(opened));
        Assert.Equal(table.Tombstones.Select(file => file.Path), opened.Tombstones.Select(file => file.Path));
        HistoryException gone = await Assert.ThrowsAsync<HistoryException>(() => Log(history).ReadAsync(4, Cancellation));
        Assert.Contains("oldest version left is 10", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_reader_finds_the_same_actions_in_a_checkpoint()
    {
        using HistoryFixture history = new();
        await WriteAsync(history);
        DeltaSnapshot at = await Log(history).ReadAsync(DeltaLog.CheckpointInterval, Cancellation);
        string file = LogPath(history, $"{DeltaPaths.LogFolder}/{DeltaPaths.Checkpoint(at.Version)}");

        List<object?[]> files = Duck.Query(
            $"""
            SELECT add.path, add.size, add.stats, add.partitionValues['_date'], add.tags['lambda.footerChecksum'], add.dataChange
            FROM read_parquet('{file}') WHERE add IS NOT NULL ORDER BY add.path
            """);
        Assert.Equal(
            at.Files.Select(add => new object?[]
            {
                add.Path, add.Size, add.Stats, add.PartitionValues["_date"], add.Tags[TableFiles.FooterChecksumTag], false,
            }),
            files);
        Assert.Equal(
            at.Transactions.OrderBy(txn => txn.Key, StringComparer.Ordinal).Select(txn => new object?[] { txn.Key, txn.Value }),
            Duck.Query($"SELECT txn.appId, txn.version FROM read_parquet('{file}') WHERE txn IS NOT NULL ORDER BY txn.appId"));
        Assert.Equal(
            [[at.Metadata.Id, at.Metadata.SchemaString, "[_date]", "parquet", "{lambda.stream=readings}", at.Metadata.CreatedTime, 1, 2, true]],
            Duck.Query(
                $"""
                SELECT any_value(metaData.id), any_value(metaData.schemaString), any_value(metaData.partitionColumns)::VARCHAR,
                    any_value(metaData.format.provider), any_value(metaData.configuration)::VARCHAR, any_value(metaData.createdTime),
                    any_value(protocol.minReaderVersion), any_value(protocol.minWriterVersion), bool_and(protocol IS NULL OR protocol.readerFeatures IS NULL)
                FROM read_parquet('{file}') WHERE metaData IS NOT NULL OR protocol IS NOT NULL
                """));
        Assert.Equal(
            at.Tombstones.Select(remove => new object?[] { remove.Path, remove.DeletionTimestamp, remove.Size, remove.PartitionValues!["_date"], true }),
            Duck.Query(
                $"""
                SELECT remove.path, remove.deletionTimestamp, remove.size, remove.partitionValues['_date'], remove.extendedFileMetadata
                FROM read_parquet('{file}') WHERE remove IS NOT NULL ORDER BY remove.path
                """));
        Assert.NotEmpty(at.Tombstones);
        using JsonDocument pointer = JsonDocument.Parse(await File.ReadAllBytesAsync(
            LogPath(history, $"{DeltaPaths.LogFolder}/{DeltaPaths.LastCheckpoint}"), Cancellation));
        Assert.Equal(DeltaLog.CheckpointInterval, pointer.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(Duck.Query($"SELECT count(*) FROM read_parquet('{file}')")[0][0], pointer.RootElement.GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task A_checkpoint_with_any_one_byte_changed_or_cut_gives_the_same_table_or_an_error_that_names_it()
    {
        using HistoryFixture history = new();
        List<string> state = StateOf(await WriteAsync(history));
        string path = LogPath(history, $"{DeltaPaths.LogFolder}/{DeltaPaths.Checkpoint(DeltaLog.CheckpointInterval)}");
        byte[] whole = await File.ReadAllBytesAsync(path, Cancellation);
        Random random = new(6);
        int refused = 0;
        const int Step = 101;
        for (int i = 0; i < whole.Length; i += Step)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << random.Next(8));
            refused += await TryAsync(damaged);
        }

        Assert.Equal((whole.Length + Step - 1) / Step, refused);
        Assert.Equal(1, await TryAsync(whole[..(whole.Length / 2)]));
        Assert.Equal(1, await TryAsync([]));

        async Task<int> TryAsync(byte[] content)
        {
            await File.WriteAllBytesAsync(path, content, Cancellation);
            try
            {
                Assert.Equal(state, StateOf((await Log(history).FindLatestAsync(Cancellation))!));
                return 0;
            }
            catch (HistoryException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                return 1;
            }
        }
    }

    [Fact]
    public async Task Two_writers_that_are_due_at_once_leave_one_whole_checkpoint()
    {
        using HistoryFixture history = new();
        DeltaSnapshot table = await WriteAsync(history);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Log(history).CheckpointAsync(table, Cancellation))));
        Assert.Equal(StateOf(table), StateOf((await Log(history).FindLatestAsync(Cancellation))!));
        Assert.Equal(table.Version, (await LogListing.ReadAsync(history.Storage, TableRows.Shape.Folder, Cancellation)).WholeCheckpoints().Last());
    }

    [Fact]
    public async Task A_writer_that_slept_while_the_log_was_cleaned_up_goes_on_from_the_newest_version()
    {
        using HistoryFixture history = new();
        history.Time.SetUtcNow(DateTimeOffset.UtcNow);
        HistoryTable sleeper = await history.OpenAsync();
        HistoryTable other = await history.OpenAsync();
        await TableRows.AppendAsync(other, 0, 0, runs: 12, rowsPerRun: 3);
        history.Time.Advance(TimeSpan.FromDays(8));
        await TableRows.VacuumAsync(history);
        Assert.False(File.Exists(LogPath(history, DeltaPaths.Commit(1))));

        // The commit after the one it knows is gone; it must not take that for the end of the log and commit there.
        await sleeper.AppendAsync([], HistoryFixture.Range(1, 0, 7), Cancellation);

        HistoryTable table = await history.OpenAsync();
        Assert.Equal((13L, 36L, 7L), (table.Current.Version, table.Current.EndOffset(0), table.Current.EndOffset(1)));
        Assert.False(File.Exists(LogPath(history, DeltaPaths.Commit(1))));
    }

    [Fact]
    public async Task Times_of_versions_rise_although_clocks_are_set_back_and_find_their_versions()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        DateTimeOffset start = history.Time.GetUtcNow();
        await TableRows.AppendAsync(table, 0, 0, runs: 1);
        history.Time.Advance(TimeSpan.FromMinutes(1));
        await TableRows.AppendAsync(table, 0, 40, runs: 1);
        HistoryTable behind = await HistoryTable.OpenAsync(
            history.Storage, HistoryFixture.Stream, Readings.Schema, Readings.At, starts: null,
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider(start.AddYears(-1)), Cancellation);
        await behind.AppendAsync([], HistoryFixture.Range(0, 80, 90), Cancellation);

        DeltaLog log = Log(history);
        Assert.Equal(3, behind.Current.Version);
        Assert.Equal(1, await FindAsync(start.AddSeconds(59)));
        Assert.Equal(2, await FindAsync(start.AddMinutes(1)));
        Assert.Equal(3, await FindAsync(start.AddMinutes(2)));
        HistoryException early = await Assert.ThrowsAsync<HistoryException>(() => FindAsync(start.AddDays(-1)));
        Assert.Contains("its oldest one, 0, is of 2026-01-02T03:04:05", early.Message, StringComparison.Ordinal);

        Task<long> FindAsync(DateTimeOffset instant) => VersionTimes.FindAsync(history.Storage, TableRows.Shape.Folder, instant, Cancellation);
    }

    /// <summary>Two more commits than a checkpoint, with files that were replaced before it.</summary>
    private static async Task<DeltaSnapshot> WriteAsync(HistoryFixture history)
    {
        HistoryTable table = await history.OpenAsync();
        await TableRows.AppendAsync(table, 0, 0, runs: 3, rowsPerRun: 20, wild: false);
        await TableRows.CompactAsync(history);
        while (table.Current.Version < DeltaLog.CheckpointInterval + 2)
        {
            await TableRows.AppendAsync(table, 1, table.Current.EndOffset(1) ?? 0, runs: 1, rowsPerRun: 5, wild: false);
        }

        return table.Current.Table;
    }

    private static DeltaLog Log(HistoryFixture history) => new(history.Storage, TableRows.Shape.Folder, history.Time);

    private static string LogPath(HistoryFixture history, string name) => history.Storage.Describe($"{TableRows.Shape.Folder}/{name}");

    private static List<string> StateOf(DeltaSnapshot table) =>
    [
        table.Metadata.SchemaString, .. table.Transactions.Select(txn => $"{txn.Key} {txn.Value}").Order(StringComparer.Ordinal),
        .. table.Files.Select(file => $"{file.Path} {file.Size} {file.PartitionValues["_date"]} {file.Stats} {string.Join(',', file.Tags)}"),
    ];
}
