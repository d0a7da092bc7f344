using Hangfire;
using Lambda.Batch.Tests.Support;
using Lambda.Store;
using Lambda.TestSupport.Postgres;
using Npgsql;

namespace Lambda.Batch.Tests.Jobs;

/// <summary>Jobs in PostgreSQL, by roles that have the rights of docs/postgresql.md or lack them. Hangfire knows one storage per process.</summary>
[Collection(nameof(BatchHost))]
public class JobStorageTests
{
    [Fact]
    public async Task A_role_that_may_not_have_the_jobs_is_refused_at_once_with_what_to_grant_and_one_that_owns_them_is_not()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string owner = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        string writer = new NpgsqlConnectionStringBuilder(owner) { Username = "lambda_writer", Pooling = false }.ConnectionString;
        await ExecuteAsync(owner, "CREATE ROLE lambda_writer LOGIN");

        AssertIsRefused(writer);
        await ExecuteAsync(owner, "CREATE SCHEMA lambda_jobs");
        AssertIsRefused(writer);

        await ExecuteAsync(owner, "ALTER SCHEMA lambda_jobs OWNER TO lambda_writer");
        JobStorageChoice.Postgres(writer, "lambda_jobs").Use(GlobalConfiguration.Configuration);
        Assert.Empty(JobStorage.Current.GetMonitoringApi().Servers());
    }

    private static void AssertIsRefused(string connection)
    {
        ViewStoreException error = Assert.Throws<ViewStoreException>(
            () => JobStorageChoice.Postgres(connection, "lambda_jobs").Use(GlobalConfiguration.Configuration));
        Assert.Contains("may not use or make the schema 'lambda_jobs'", error.Message, StringComparison.Ordinal);
        Assert.Contains("docs/postgresql.md", error.Message, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { Pooling = false });
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
