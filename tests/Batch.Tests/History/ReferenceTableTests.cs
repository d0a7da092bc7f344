using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>Tables that Spark wrote: the files of each version must hold just the events that Spark reads in it.</summary>
public sealed class ReferenceTableTests
{
    [Theory]
    [InlineData("append_partitioned")]
    [InlineData("rewritten")]
    [InlineData("schema_added")]
    [InlineData("partition_escapes")]
    [InlineData("checkpointed")]
    [InlineData("checkpoint_multipart")]
    public async Task Every_version_has_the_events_that_its_writer_reads(string table)
    {
        string folder = LakeFixtures.DeltaFolder();
        LocalObjectStorage storage = new(folder);
        DeltaLog log = new(storage, table, TimeProvider.System);
        using JsonDocument expected = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, table + ".expected.json"), TestContext.Current.CancellationToken));
        DeltaSnapshot latest = (await log.FindLatestAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(expected.RootElement.GetProperty("version").GetInt64(), latest.Version);
        Assert.Equal(expected.RootElement.GetProperty("activeFiles").GetInt32(), latest.FileCount);
        Assert.Equal(
            expected.RootElement.GetProperty("partitionColumns").EnumerateArray().Select(column => column.GetString()),
            latest.Metadata.PartitionColumns);
        foreach (JsonElement version in expected.RootElement.GetProperty("snapshots").EnumerateArray())
        {
            DeltaSnapshot snapshot = await log.ReadAsync(version.GetProperty("version").GetInt64(), TestContext.Current.CancellationToken);
            List<string> ids = EventIds(snapshot, storage, table);
            Assert.Equal(version.GetProperty("rows").GetInt64(), ids.Count);
            Assert.Equal(version.GetProperty("sha256OfSortedEventIds").GetString(), Digest(ids));
        }
    }

    [Fact]
    public async Task Partition_values_are_those_of_the_rows_whatever_characters_they_have()
    {
        LocalObjectStorage storage = new(LakeFixtures.DeltaFolder());
        DeltaLog log = new(storage, "partition_escapes", TimeProvider.System);
        DeltaSnapshot snapshot = (await log.FindLatestAsync(TestContext.Current.CancellationToken))!;
        foreach (AddFile file in snapshot.Files)
        {
            (string column, string? value) = file.PartitionValues.Single();
            string name = DeltaPaths.Decode(file.Path);
            Assert.Equal(DeltaPaths.PartitionFolder(column, value), name[..name.IndexOf('/', StringComparison.Ordinal)]);
            Assert.Equal(name, DeltaPaths.Decode(DeltaPaths.Encode(name)));
        }
    }

    [Theory]
    [InlineData("deletion_vectors", "deletionVectors")]
    [InlineData("column_mapping", "columnMapping")]
    [InlineData("v2_checkpoint", "v2Checkpoint")]
    [InlineData("v2_checkpoint_json", "v2Checkpoint")]
    public async Task A_table_that_needs_more_is_refused_by_the_name_of_the_feature(string table, string feature)
    {
        DeltaLog log = new(new LocalObjectStorage(LakeFixtures.DeltaFolder()), table, TimeProvider.System);
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => log.FindLatestAsync(TestContext.Current.CancellationToken));
        Assert.Contains(feature, error.Message, StringComparison.Ordinal);
        Assert.Contains(table, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transactions_of_a_checkpoint_and_of_the_commits_after_it_are_kept()
    {
        DeltaLog log = new(new LocalObjectStorage(LakeFixtures.DeltaFolder()), "append_partitioned", TimeProvider.System);
        DeltaSnapshot snapshot = (await log.FindLatestAsync(TestContext.Current.CancellationToken))!;
        Assert.NotEmpty(snapshot.Transactions);
        log = new(new LocalObjectStorage(LakeFixtures.DeltaFolder()), "checkpointed", TimeProvider.System);
        snapshot = (await log.FindLatestAsync(TestContext.Current.CancellationToken))!;
        Assert.NotEmpty(snapshot.Transactions);
    }

    private static List<string> EventIds(DeltaSnapshot snapshot, LocalObjectStorage storage, string table)
    {
        string[] files = [.. snapshot.Files.Select(file => storage.Describe($"{table}/{DeltaPaths.Decode(file.Path)}"))];
        return files.Length == 0
            ? []
            : [.. Duck.Query($"SELECT event_id FROM read_parquet({Duck.List(files)}, hive_partitioning = false)").Select(row => (string)row[0]!)];
    }

    private static string Digest(List<string> ids)
    {
        ids.Sort(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(ids.Select(id => id + "\n")))));
    }
}
