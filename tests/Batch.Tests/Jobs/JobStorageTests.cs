using System.Collections.Concurrent;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Jobs.Runs;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.TestSupport.Postgres;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lambda.Batch.Tests.Jobs;

/// <summary>Jobs in PostgreSQL, by roles that have the rights of docs/postgresql.md or lack them. Hangfire knows one storage per process.</summary>
[Collection(nameof(BatchHost))]
public class JobStorageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
        Assert.Empty(JobStorageChoice.Postgres(writer, "lambda_jobs").Open().GetMonitoringApi().Servers());
    }

    /// <summary>Both insert the same fields, and what the second one had to say was given up with a warning.</summary>
    [Fact]
    public async Task A_run_that_begins_while_it_is_still_being_asked_for_has_both_noted()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        Warnings warnings = new();
        StoredRuns runs = new(JobStorageChoice.Postgres(database, "lambda_jobs").Open(), TimeProvider.System, warnings);

        for (int i = 0; i < 50; i++)
        {
            string runId = $"run-{i}";
            using Barrier together = new(2);
            Task asked = Task.Run(() => AfterAll(together, () => runs.Queue(runId, "orders")), Cancellation);
            Task begun = Task.Run(() => AfterAll(together, () => runs.Begin(runId, "orders")), Cancellation);
            await Task.WhenAll(asked, begun);

            Assert.Equal(BatchRunState.Running, runs.Find(runId)!.State);
            Assert.Contains(runs.Find(runId)!.Log, line => line.Text.StartsWith("begun on", StringComparison.Ordinal));
        }

        Assert.Empty(warnings.Logged);
    }

    /// <summary>Hangfire's own way to make its tables fails when somebody else does the same, and is undone and tried again.</summary>
    [Fact]
    public async Task Processes_that_start_together_on_an_empty_database_make_the_tables_as_one_alone_does()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();

        Assert.Equal(await CountUndoneAsync(cluster, processes: 1), await CountUndoneAsync(cluster, processes: 6));
    }

    /// <summary>A process that started while its database did was said to have a defect.</summary>
    [Fact]
    public async Task Schedules_that_the_database_does_not_take_end_the_start_with_what_to_do()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        BatchSchedules schedules = Schedules(JobStorageChoice.Postgres(database, "lambda_jobs").Open(), Orders.Catalog());
        await cluster.KillServerAsync();

        BatchException error = await Assert.ThrowsAsync<BatchException>(() => schedules.StartAsync(Cancellation));
        await cluster.StartServerAsync();

        Assert.Contains("could not be noted in the job storage", error.Message, StringComparison.Ordinal);
        Assert.Contains("start again", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The jobs of a stream that had been renamed failed every minute, with nothing but the dashboard to end that.</summary>
    [Fact]
    public async Task Schedules_of_streams_that_are_gone_are_removed_and_those_of_others_stay()
    {
        using InMemoryStorage storage = new();
        new RecurringJobManager(storage).AddOrUpdate("not ours", () => Console.WriteLine("orders"), Cron.Daily);
        StreamBuilder<Order> renamed = new StreamBuilder<Order>("sales").EventTime(o => o.At);
        renamed.View("v").Window(AllTime.Window).Aggregate(a => new { N = a.Count() });
        await Schedules(storage, Orders.Catalog()).StartAsync(Cancellation);
        Assert.Contains($"archive {Orders.Stream}", Names(storage));

        await Schedules(storage, Catalog.Build([renamed])).StartAsync(Cancellation);

        Assert.Equal(["archive sales", "compact sales", "expire sales", "not ours", "recompute sales", "vacuum sales"], Names(storage));
    }

    /// <summary>Hangfire keeps one for the process, and a host that started while another one did took the other's, whose streams it then failed to run.</summary>
    [Fact]
    public void Hosts_that_start_at_once_in_a_process_have_jobs_of_their_own()
    {
        using ServiceProvider first = Requests();
        using ServiceProvider second = Requests();
        first.GetRequiredService<IGlobalConfiguration>();
        JobStorage ofSecond = second.GetRequiredService<JobStorage>();

        Assert.NotSame(ofSecond, first.GetRequiredService<JobStorage>());
    }

    private static ServiceProvider Requests() => new ServiceCollection().AddLogging().AddBatchRequests(JobStorageChoice.Memory).BuildServiceProvider();

    private static BatchSchedules Schedules(JobStorage storage, Catalog catalog) =>
        new(new RecurringJobManager(storage), storage, catalog, BatchHost.Quiet, NullLogger<BatchSchedules>.Instance);

    private static IEnumerable<string> Names(JobStorage storage)
    {
        using IStorageConnection connection = storage.GetConnection();
        return [.. connection.GetRecurringJobs().Select(schedule => schedule.Id).Order(StringComparer.Ordinal)];
    }

    private static void AfterAll(Barrier barrier, Action act)
    {
        barrier.SignalAndWait(Cancellation);
        act();
    }

    private static void AssertIsRefused(string connection)
    {
        ViewStoreException error = Assert.Throws<ViewStoreException>(
            () => JobStorageChoice.Postgres(connection, "lambda_jobs").Open());
        Assert.Contains("may not use or make the schema 'lambda_jobs'", error.Message, StringComparison.Ordinal);
        Assert.Contains("docs/postgresql.md", error.Message, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { Pooling = false });
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>How many transactions of a database are undone while it gets the tables.</summary>
    private static async Task<long> CountUndoneAsync(PostgresCluster cluster, int processes)
    {
        string database = new NpgsqlConnectionStringBuilder(cluster.ConnectionString(await cluster.CreateDatabaseAsync())) { Pooling = false }.ConnectionString;
        using Barrier together = new(processes);
        JobStorage[] storages = await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(Cancellation);
                return JobStorageChoice.Postgres(database, "lambda_jobs").Open();
            },
            Cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.All(storages, storage => Assert.Empty(storage.GetMonitoringApi().Servers()));
        return await ReadAsync(database, "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()");
    }

    private static async Task<long> ReadAsync(string connection, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { Pooling = false });
        await using NpgsqlCommand command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private sealed class Warnings : ILogger<StoredRuns>
    {
        public ConcurrentQueue<string> Logged { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Logged.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
