using Dapper;
using Lambda.Aggregation.Sql;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Seats;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Windows;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>The roles of docs/postgresql.md can do what they are for, and nothing else.</summary>
public sealed class PostgresRolesTests(PostgresFixture fixture)
{
    private static readonly PartialLayout View = Sample.View() with
    {
        Answer = new SqlAnswer(new SqlWindows(SqlWindowRule.Slice), [new SqlColumn("total", "sum({0})")]),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_role_of_the_documentation_can_do_its_work_and_no_more()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        string[] scripts = [.. Scripts()];
        await ExecuteAsync(database, scripts[0]);
        await using (PostgresViewStore owner = await OpenAsync(database, "lambda_owner"))
        {
            await ExecuteAsync(database, scripts[1]);
            await owner.RegisterAsync(Sample.Registration(1, View), Token);
        }

        await using PostgresViewStore writer = await OpenAsync(database, "lambda_writer");
        await WriteAsync(writer);
        await using (PostgresSeats seats = new(
            new PostgresStoreOptions { ConnectionString = As(database, "lambda_writer") }, TimeProvider.System, NullLogger.Instance))
        {
            await using ISeat? seat = await seats.TakeAsync("group", Token);
            Assert.NotNull(seat);
        }

        await using PostgresViewStore reader = await OpenAsync(database, "lambda_reader");
        await ReadAsync(reader);

        PartitionClaim claim = await writer.ClaimAsync(Sample.Stream, 0, Token);
        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(
            async () => await reader.CommitAsync(Sample.Commit(claim, 99), Token));
        Assert.Contains("docs/postgresql.md", refused.Message, StringComparison.Ordinal);
        Assert.Contains("may only read", (await Assert.ThrowsAsync<ViewStoreException>(
            async () => await reader.RegisterAsync(Sample.Registration(2, Sample.View("unknown")), Token))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await writer.RegisterAsync(Sample.Registration(2, Sample.View("unknown")), Token));
        await RefusesAsync(database, "lambda_writer", "UPDATE lambda.view_versions SET answer_sql = 'SELECT 1'");
        await RefusesAsync(database, "lambda_reader", "DELETE FROM lambda.partitions");
        await RefusesAsync(database, "lambda_bi", "SELECT * FROM lambda.partitions");
        await using NpgsqlConnection bi = new(As(database, "lambda_bi"));
        Assert.Equal(
            ["a|1300", "b|40"],
            await bi.QueryAsync<string>("SELECT origin || '|' || total FROM lambda_views.\"flights.delays\" ORDER BY origin"));
    }

    /// <summary>All that the speed and the batch layer do.</summary>
    private static async Task WriteAsync(PostgresViewStore writer)
    {
        await writer.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await writer.ClaimAsync(Sample.Stream, 0, Token);
        await writer.CommitAsync(
            Sample.Commit(claim, 10, Sample.Batch(View, [.. Enumerable.Range(0, 3000).Select(hour => ("late", hour, 1L))])) with
            {
                EpochEnd = EpochEnd.Seal,
                Quarantine = [Sample.Refused(5, RejectReason.Malformed)],
            },
            Token);
        await writer.RequestSealAsync(Sample.Stream, Token);
        BatchLease lease = (await writer.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        long generation = await writer.BeginGenerationAsync(lease, new GenerationPlan(7, new Boundary([10]), [View]), Token);
        await writer.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(View, ("a", 1, 129), ("b", 1, 4)), Token);
        Correction correction = new(View.View, View.Version, "a", 1, 2, null, "3", new CorrectionReasons(1, 0, 0, 0), null);
        await writer.PublishAsync(
            lease, generation, new Publication(Sample.Report(generation, AuditOutcome.Passed, DateTimeOffset.UtcNow), [correction], []), Token);
        await writer.CommitAsync(
            Sample.Commit(0, claim.Fence, claim.Epoch + 1, 20, Sample.Batch(View, ("a", 1, 1))), Token);
        await writer.ExpireAsync(lease, DateTimeOffset.UtcNow.AddHours(1), Token);
        Assert.Equal(1, await writer.GrowAsync(Sample.Stream, 2, Token));
        await writer.RenewLeaseAsync(lease, TimeSpan.FromMinutes(1), Token);
        await writer.ReleaseLeaseAsync(lease, Token);
    }

    /// <summary>All that the serving layer does.</summary>
    private static async Task ReadAsync(PostgresViewStore reader)
    {
        // The log has got one more, which no writer was given yet.
        await reader.RegisterAsync(Sample.Registration(3, View), Token);
        ViewSnapshot snapshot = await reader.ReadViewAsync(Sample.Read(View, ReadScope.Merged), Token);
        Assert.Equal(["a|1|0|129|1290", "b|1|0|4|40"], Sample.Rows(snapshot.Batch[PartialKind.Kept]));
        Assert.Equal(["a|1|0|1|10"], Sample.Rows(snapshot.Speed));
        Assert.Equal(20, (await reader.ReadStreamAsync(Sample.Stream, Token))!.Partitions[0].NextOffset);
        Assert.Single(await reader.ReadGenerationsAsync(Sample.Stream, 9, Token));
        Assert.Single(await reader.ReadAuditsAsync(Sample.Stream, 9, Token));
        Assert.Single(await reader.ReadCorrectionsAsync(View, WindowRange.All, 9, Token));
        Assert.Equal(1, (await reader.ReadQuarantineAsync(Sample.Stream, new QuarantineFilter([]), 9, Token)).Total);
        Assert.NotNull(await reader.FindQuarantinedAsync(Sample.Stream, 0, 5, Token));
        Assert.Empty(await reader.ReadGapsAsync(Sample.Stream, Token));
        Assert.True(reader.CommitSequence >= 0);
    }

    /// <summary>The scripts of the section on roles.</summary>
    private static IEnumerable<string> Scripts()
    {
        string text = File.ReadAllText(Repository.PathOf("docs", "postgresql.md"));
        string section = text[text.IndexOf("## Roles", StringComparison.Ordinal)..text.IndexOf("## Retention", StringComparison.Ordinal)];
        return section.Split("```sql")[1..].Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]);
    }

    private static string As(string database, string role) => new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString;

    private static Task<PostgresViewStore> OpenAsync(string database, string role) => PostgresViewStore.OpenAsync(
        new PostgresStoreOptions { ConnectionString = As(database, role) }, TimeProvider.System, Token);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.ExecuteAsync(sql);
    }

    private static async Task RefusesAsync(string database, string role, string sql) => Assert.Equal(
        PostgresErrorCodes.InsufficientPrivilege,
        (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(As(database, role), sql))).SqlState);
}
