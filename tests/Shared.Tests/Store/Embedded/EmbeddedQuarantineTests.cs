using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Database;
using Lambda.Store.Embedded.Streams;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>How the embedded store keeps refused records; what it keeps is the contract's to say.</summary>
public sealed class EmbeddedQuarantineTests
{
    // Joined by an OR, a thousand refused records took DuckDB four seconds when a million were kept: it compared each with all.
    [Fact]
    public void Refused_records_are_not_compared_one_by_one_with_those_that_are_kept()
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        Migrations.Apply(connection, ":memory:");
        Execute(connection, QuarantineTable.CreateStageSql);
        Execute(connection, "INSERT INTO quarantine SELECT 'rides', 0, range, 'speed', 0, 'Malformed', '', '', '', 0 FROM range(10000)");
        Execute(connection, "INSERT INTO stage_quarantine SELECT range, 'rides', 0, range, 'batch', 'WrongType' FROM range(5000, 15000)");

        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN {QuarantineTable.SelectNewSql}";
        using DuckDBDataReader plan = command.ExecuteReader();
        Assert.True(plan.Read());
        string text = plan.GetString(1);

        Assert.Contains("HASH_JOIN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NL_JOIN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NESTED_LOOP", text, StringComparison.Ordinal);
    }

    /// <summary>Staged with what they hold, records of 60 and 100 MB did not fit into 256 MB, and their partition met them again and again.</summary>
    [Fact]
    public async Task Refused_records_may_be_as_large_as_a_quarter_of_the_memory_that_the_database_has()
    {
        string folder = Directory.CreateTempSubdirectory("view-store-").FullName;
        try
        {
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = folder, MemoryLimitMegabytes = 128 }, TimeProvider.System, Token);
            await store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
            PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
            int[] megabytes = [32, 8, 32];
            await store.CommitAsync(
                Sample.Commit(claim, 10) with
                {
                    Quarantine = [.. megabytes.Select((size, i) => Sample.Refused(i, RejectReason.Malformed) with { Value = new byte[size << 20] })],
                },
                Token);

            QuarantinePage page = await store.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 1, Token);
            Assert.Equal(megabytes.Length, page.Total);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Packed with all that they hold, as many as these made DuckDB give the database up at a checkpoint.</summary>
    [Theory]
    [InlineData(64, 1 << 20, 10, 20)]
    [InlineData(128, 5 << 20, 5, 8)]
    [InlineData(64, 60_000, 100, 20)]
    public async Task More_records_may_be_refused_than_fit_in_the_memory_that_the_database_has(int memory, int size, int each, int commits)
    {
        string folder = Directory.CreateTempSubdirectory("view-store-").FullName;
        try
        {
            EmbeddedStoreOptions options = new() { Folder = folder, MemoryLimitMegabytes = memory };
            byte[] value = new byte[size];
            new Random(1).NextBytes(value);
            await using (EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(options, TimeProvider.System, Token))
            {
                await store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
                PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
                for (int commit = 0; commit < commits; commit++)
                {
                    await store.CommitAsync(
                        Sample.Commit(claim, (commit + 1) * each) with
                        {
                            Quarantine = [.. Enumerable.Range(commit * each, each).Select(offset => Sample.Refused(offset, RejectReason.Malformed) with { Value = value })],
                        },
                        Token);
                }
            }

            await using EmbeddedViewStore again = await EmbeddedViewStore.OpenAsync(options, TimeProvider.System, Token);
            QuarantinePage page = await again.ReadQuarantineAsync(Sample.Stream, QuarantineFilter.Any, 2, Token);
            Assert.Equal(each * commits, page.Total);
            Assert.All(page.Records, record => Assert.Equal(value, record.Value.ToArray()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
