using Dapper;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Database;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>What the store says and holds when the database, or the way to it, fails.</summary>
public sealed class PostgresFailureTests(PostgresFixture fixture)
{
    private static readonly PartialLayout View = Sample.View();

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("BEFORE UPDATE ON lambda.partitions", "TRIGGER", "nothing was written")]
    [InlineData("AFTER UPDATE ON lambda.partitions DEFERRABLE INITIALLY DEFERRED", "CONSTRAINT TRIGGER", "is not known")]
    public async Task A_connection_that_is_lost_in_mid_commit_leaves_nothing_and_says_what_is_known(string when, string trigger, string said)
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync(connectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(View, ("a", 1, 1))), Token);

        // The partials are written when the partition's row is, and there the commit waits for a lock that the test holds.
        await using NpgsqlConnection control = new(connectionString);
        await control.OpenAsync(Token);
        await control.ExecuteAsync(
            $"""
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_lock(7); RETURN NEW; END $$;
            CREATE {trigger} waits {when} FOR EACH ROW EXECUTE FUNCTION wait();
            SELECT pg_advisory_lock(7)
            """);
        Task<ViewStoreException> lost = Assert.ThrowsAsync<ViewStoreException>(
            async () => await store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(View, ("a", 1, 2), ("b", 1, 2))), Token));

        // A commit that was not begun is tried again, and meets the same.
        while (!lost.IsCompleted)
        {
            await EndWaitingAsync(control);
        }

        Assert.Contains(said, (await lost).Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", (await lost).Message, StringComparison.Ordinal);
        await control.ExecuteAsync("DROP TRIGGER waits ON lambda.partitions");
        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(store));
        claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        Assert.Equal(10, claim.NextOffset);
        await store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(View, ("b", 1, 2))), Token);
        Assert.Equal(["a|1|0|1|10", "b|1|0|2|20"], await SpeedRowsAsync(store));
    }

    /// <summary>A process that was stopped between two rows held its locks for as long as it was stopped: the server waits for the rest of them.</summary>
    [Fact]
    public async Task One_that_is_paused_while_it_sends_rows_is_ended_by_who_waits_for_it()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync(connectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        await using NpgsqlConnection paused = new(connectionString);
        await using NpgsqlBinaryImporter rows = await SendRowsAsync(paused);

        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);

        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(View, ("a", 1, 1))), Token);
        Exception ended = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await SendRowAsync(rows);
            await rows.CompleteAsync(Token);
        });
        Assert.True(ended is NpgsqlException or IOException, ended.ToString());
    }

    [Fact]
    public async Task One_that_sends_rows_slowly_is_waited_for()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync(connectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        await using NpgsqlConnection slow = new(connectionString);
        NpgsqlBinaryImporter rows = await SendRowsAsync(slow);

        // Whoever waits looks ten times meanwhile, and each time there are rows that there were not before.
        Task<PartitionClaim> claiming = store.ClaimAsync(Sample.Stream, 0, Token).AsTask();
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < 10 * BetweenLooks)
        {
            await SendRowAsync(rows);
        }

        Assert.False(claiming.IsCompleted);
        await rows.CompleteAsync(Token);
        await rows.DisposeAsync();
        await slow.ExecuteAsync("COMMIT");
        await claiming;
        Assert.True(await slow.ExecuteScalarAsync<int>("SELECT count(*) FROM sent") > 1);
    }

    /// <summary>A process that was paused while its transaction held a lock on the stream kept others from starting for as long as it was paused.</summary>
    [Fact]
    public async Task One_that_is_paused_within_a_transaction_holds_nobody_up_for_long_and_writes_once_when_it_wakes_up()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync(connectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        await using PostgresDatabase paused = await PostgresDatabase.OpenAsync(new PostgresStoreOptions { ConnectionString = connectionString }, Token);
        TaskCompletionSource holds = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource wakes = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> writing = paused.WriteAsync(
            async connection =>
            {
                await connection.ExecuteAsync("UPDATE streams SET changes = changes + 1000");
                holds.TrySetResult();
                await wakes.Task;
                return await connection.ExecuteScalarAsync<int>("SELECT 5");
            },
            Token).AsTask();
        await holds.Task;

        await store.RegisterAsync(Sample.Registration(1, View), Token);

        Assert.False(writing.IsCompleted);
        wakes.SetResult();
        Assert.Equal(5, await writing);
        await using NpgsqlConnection control = new(connectionString);
        Assert.InRange(await control.ExecuteScalarAsync<long>("SELECT max(changes) FROM lambda.streams"), 1000, 1999);
    }

    [Fact]
    public async Task A_connection_that_is_lost_before_the_commit_is_replaced_and_what_was_to_be_written_is_written_once()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync(connectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await using NpgsqlConnection control = new(connectionString);
        await control.OpenAsync(Token);
        await control.ExecuteAsync("BEGIN; LOCK TABLE lambda.partitions IN ACCESS EXCLUSIVE MODE");
        Task commit = store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(View, ("a", 1, 2))), Token).AsTask();
        while (!await EndWaitingAsync(control))
        {
            Assert.False(commit.IsCompleted);
        }

        await control.ExecuteAsync("COMMIT");
        await commit;
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(store));
    }

    /// <summary>What an unfinished generation holds is removed by the next run: were that given up, each run would begin with it, and end there.</summary>
    [Fact]
    public async Task Work_under_a_lease_may_take_longer_than_a_command_is_given()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await OpenAsync($"{connectionString};Command Timeout=1");
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        GenerationPlan plan = new(1, new Boundary([0]), [View]);
        long unfinished = await store.BeginGenerationAsync(lease, plan, Token);
        await using NpgsqlConnection control = new(connectionString);
        await control.ExecuteAsync(
            """
            CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
            CREATE TRIGGER takes_long BEFORE DELETE ON lambda.batch_1 FOR EACH STATEMENT EXECUTE FUNCTION take_long()
            """);

        Assert.Equal(unfinished + 1, await store.BeginGenerationAsync(lease, plan, Token));
    }

    [Fact]
    public async Task A_transaction_that_the_server_ends_to_resolve_a_deadlock_is_tried_again()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());

        // The server looks for a deadlock once, after so long a wait; by then there must be one, also on a machine that has much to do.
        await using PostgresViewStore store = await OpenAsync($"{connectionString};Options=-c deadlock_timeout=4s");
        StreamRegistration registration = Sample.Registration(1, View) with { Log = Guid.NewGuid() };
        await store.RegisterAsync(registration, Token);
        await using NpgsqlConnection other = new(connectionString);
        await other.OpenAsync(Token);

        // A registration locks partitions before the stream, and this does it the other way round. Only the store looks for a deadlock in time, so that its
        // transaction is the one that ends.
        await other.ExecuteAsync("SET deadlock_timeout = '5min'; BEGIN; SELECT FROM lambda.streams FOR UPDATE");
        Task registering = store.RegisterAsync(registration, Token).AsTask();
        await using NpgsqlConnection control = new(connectionString);
        await control.OpenAsync(Token);
        while (!await control.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"))
        {
            Assert.False(registering.IsCompleted);
        }

        await other.ExecuteAsync("SELECT FROM lambda.partitions FOR UPDATE; COMMIT");
        await registering;
    }

    [Fact]
    public async Task Connections_that_the_server_has_ended_meanwhile_fail_neither_reads_nor_writes()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = await cluster.CreateDatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(cluster.ConnectionString(database));
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        for (int round = 1; round <= 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SpeedRowsAsync(store)));
            await cluster.EndConnectionsAsync(database);

            await store.CommitAsync(Sample.Commit(claim, round * 10, Sample.Batch(View, ("a", 1, round))), Token);
        }

        Assert.Equal(["a|1|0|3|30"], await SpeedRowsAsync(store));
    }

    [Fact]
    public async Task After_a_crash_of_the_server_the_store_holds_what_was_acknowledged_or_one_commit_more()
    {
        await fixture.GetAsync();
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        await using PostgresViewStore store = await OpenAsync(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        for (int kill = 0; kill < 3; kill++)
        {
            PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
            long acknowledged = claim.NextOffset;
            TaskCompletionSource going = new();
            Task<ViewStoreException> writing = Assert.ThrowsAsync<ViewStoreException>(async () =>
            {
                while (true)
                {
                    long events = acknowledged + 1 - claim.NextOffset;
                    await store.CommitAsync(Sample.Commit(claim, acknowledged + 1, Sample.Batch(View, ("a", 1, events), ("b", 1, events))), Token);
                    acknowledged++;
                    if (acknowledged > claim.NextOffset + 20)
                    {
                        going.TrySetResult();
                    }
                }
            });
            await going.Task;
            await cluster.KillServerAsync();
            await writing;
            await cluster.StartServerAsync();

            claim = await store.ClaimAsync(Sample.Stream, 0, Token);

            Assert.InRange(claim.NextOffset, acknowledged, acknowledged + 1);
            PartialBatch speed = (await store.ReadViewAsync(Sample.Read(View, ReadScope.Speed), Token)).Speed;
            Assert.Equal(2 * claim.NextOffset, speed.EventCounts.Values.ToArray().Sum());
        }
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_and_a_database_that_is_not_there_are_named()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        ViewStoreException missing = await Assert.ThrowsAsync<ViewStoreException>(() => OpenAsync(cluster.ConnectionString("nowhere")));
        Assert.Contains("\"nowhere\" does not exist", missing.Message, StringComparison.Ordinal);
        ViewStoreException unreachable = await Assert.ThrowsAsync<ViewStoreException>(
            () => OpenAsync("Host=127.0.0.1;Port=1;Database=views;Username=app"));
        Assert.Contains("database 'views' at 127.0.0.1:1 failed", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string connectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await (await OpenAsync(connectionString)).DisposeAsync();
        await using NpgsqlConnection connection = new(connectionString);
        await connection.ExecuteAsync("INSERT INTO lambda.schema_version VALUES (99, now())");

        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(() => OpenAsync(connectionString));

        Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_may_lose_acknowledged_commits_is_refused()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        string database = await cluster.CreateDatabaseAsync();
        await using NpgsqlConnection connection = new(cluster.ConnectionString(database));
        await connection.ExecuteAsync($"ALTER DATABASE {database} SET synchronous_commit = off");

        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(() => OpenAsync(cluster.ConnectionString(database)));

        Assert.Contains("synchronous_commit", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order")]
    [InlineData("left")]
    public async Task A_word_that_the_server_keeps_for_itself_is_refused_as_the_schema(string schema)
    {
        PostgresCluster cluster = await fixture.GetAsync();
        PostgresStoreOptions options = new() { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()), Schema = schema };

        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(() => PostgresViewStore.OpenAsync(options, TimeProvider.System, Token));

        Assert.Contains($"'{schema}' cannot be the schema", refused.Message, StringComparison.Ordinal);
    }

    private static Task<PostgresViewStore> OpenAsync(string connectionString) => PostgresViewStore.OpenAsync(
        new PostgresStoreOptions { ConnectionString = connectionString, BetweenLooks = BetweenLooks }, TimeProvider.System, Token);

    /// <summary>Begins to send rows in a transaction that has locked the partition, as a commit does.</summary>
    private static async Task<NpgsqlBinaryImporter> SendRowsAsync(NpgsqlConnection connection)
    {
        await connection.OpenAsync(Token);
        await connection.ExecuteAsync("CREATE TEMP TABLE sent (number INTEGER); BEGIN; SELECT FROM lambda.partitions FOR UPDATE");
        NpgsqlBinaryImporter rows = await connection.BeginBinaryImportAsync("COPY sent FROM STDIN (FORMAT BINARY)", Token);
        await SendRowAsync(rows);
        return rows;
    }

    private static async Task SendRowAsync(NpgsqlBinaryImporter rows)
    {
        await rows.StartRowAsync(Token);
        await rows.WriteAsync(1, Token);
    }

    /// <summary>Ends connections that wait for a lock; false when there is none.</summary>
    private static Task<bool> EndWaitingAsync(NpgsqlConnection control) => control.ExecuteScalarAsync<bool>(
        "SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_locks WHERE NOT granted AND database = "
        + "(SELECT oid FROM pg_database WHERE datname = current_database())");

    private static async Task<IReadOnlyList<string>> SpeedRowsAsync(PostgresViewStore store) =>
        Sample.Rows((await store.ReadViewAsync(Sample.Read(View, ReadScope.Speed), Token)).Speed);
}
