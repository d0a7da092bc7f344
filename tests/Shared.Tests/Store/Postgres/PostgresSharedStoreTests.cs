using Dapper;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Database;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>Several processes share a store: here several stores over one database.</summary>
public sealed class PostgresSharedStoreTests(PostgresFixture fixture)
{
    private static readonly PartialLayout First = Sample.View();
    private static readonly PartialLayout Second = Sample.View(version: "00000000000000c3");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_of_another_log_is_refused_whether_or_not_that_has_an_identity()
    {
        StreamRegistration unknown = Sample.Registration(1, First);
        StreamRegistration first = unknown with { Log = Guid.NewGuid() };
        await using PostgresViewStore store = await OpenAsync(await DatabaseAsync());
        await store.RegisterAsync(unknown, Token);
        await store.RegisterAsync(first, Token);
        await store.RegisterAsync(first, Token);

        ViewStoreException other = await Assert.ThrowsAsync<ViewStoreException>(
            async () => await store.RegisterAsync(unknown with { Log = Guid.NewGuid() }, Token));
        Assert.Contains($"{first.Log}", other.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await store.RegisterAsync(unknown, Token));
    }

    [Fact]
    public async Task Programs_that_begin_at_once_make_one_schema_and_one_set_of_tables()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        PostgresViewStore[] stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenAsync(options)));
        PartialLayout[] views = [.. Enumerable.Range(0, 5).Select(i => Sample.View($"view {i}"))];

        await Task.WhenAll(stores.Select(store => store.RegisterAsync(Sample.Registration(3, views), Token).AsTask()));

        foreach (PostgresViewStore store in stores)
        {
            Assert.Equal(3, (await store.ReadStreamAsync(Sample.Stream, Token))!.Partitions.Count);
            await store.DisposeAsync();
        }

        await using NpgsqlConnection connection = new(options.ConnectionString);
        Assert.Equal(5, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM lambda.view_versions"));
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT min(c) FROM (SELECT count(*) c FROM lambda.schema_version GROUP BY version) v"));
    }

    [Fact]
    public async Task The_owner_of_a_partition_is_fenced_by_a_claim_of_another_process()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore one = await OpenAsync(options);
        await using PostgresViewStore other = await OpenAsync(options);
        await one.RegisterAsync(Sample.Registration(1, First), Token);
        await other.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim old = await one.ClaimAsync(Sample.Stream, 0, Token);
        await one.CommitAsync(Sample.Commit(old, 10, Sample.Batch(First, ("a", 1, 1))), Token);

        PartitionClaim next = await other.ClaimAsync(Sample.Stream, 0, Token);

        await Assert.ThrowsAsync<FencedException>(
            async () => await one.CommitAsync(Sample.Commit(old, 20, Sample.Batch(First, ("a", 1, 2))), Token));
        await other.CommitAsync(Sample.Commit(next, 20, Sample.Batch(First, ("a", 1, 4))), Token);
        Assert.Equal(["a|1|0|1|10", "a|1|0|4|40"], await SpeedRowsAsync(one, First));
    }

    [Fact]
    public async Task A_version_that_another_process_has_registered_is_found()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore reader = await OpenAsync(options);
        await using PostgresViewStore writer = await OpenAsync(options);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await SpeedRowsAsync(reader, First));
        await writer.RegisterAsync(Sample.Registration(1, First), Token);

        Assert.Empty(await SpeedRowsAsync(reader, First));
    }

    /// <summary>
    /// The old program computes the first version, the new one the second; the new one takes partition 1 first and partition 0 later.
    /// <code>
    /// partition 0    | old: first to 10 | registered | old: first to 20 | new: second to 30
    /// partition 1    | old: first to 10 | registered | new: second to 20
    /// </code>
    /// </summary>
    [Fact]
    public async Task Programs_with_different_definitions_leave_one_another_s_partials_alone()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore old = await OpenAsync(options);
        await using PostgresViewStore @new = await OpenAsync(options);
        await old.RegisterAsync(Sample.Registration(2, First), Token);
        PartitionClaim zero = await old.ClaimAsync(Sample.Stream, 0, Token);
        PartitionClaim one = await old.ClaimAsync(Sample.Stream, 1, Token);
        await old.CommitAsync(Sample.Commit(0, zero.Fence, zero.Epoch, 10, Sample.Batch(First, ("a", 1, 1))), Token);
        await old.CommitAsync(Sample.Commit(1, one.Fence, one.Epoch, 10, Sample.Batch(First, ("b", 1, 1))), Token);

        await @new.RegisterAsync(Sample.Registration(2, Second), Token);
        Assert.Equal(new Boundary([10, 10]), await CoverageAsync(@new, Second));
        await old.CommitAsync(Sample.Commit(0, zero.Fence, zero.Epoch, 20, Sample.Batch(First, ("a", 1, 2))), Token);
        Assert.Equal(new Boundary([20, 10]), await CoverageAsync(@new, Second));
        one = await @new.ClaimAsync(Sample.Stream, 1, Token);
        await @new.CommitAsync(Sample.Commit(1, one.Fence, one.Epoch, 20, Sample.Batch(Second, ("b", 1, 4))), Token);
        Assert.Equal(new Boundary([0, 20]), await CoverageAsync(old, First));
        await old.RegisterAsync(Sample.Registration(2, First), Token);

        Assert.Equal(new Boundary([0, 20]), await CoverageAsync(old, First));
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(old, First));
        zero = await @new.ClaimAsync(Sample.Stream, 0, Token);
        await @new.CommitAsync(Sample.Commit(0, zero.Fence, zero.Epoch, 30, Sample.Batch(Second, ("a", 1, 8))), Token);
        Assert.Equal(new Boundary([20, 10]), await CoverageAsync(old, Second));
        Assert.Equal(["a|1|0|8|80", "b|1|0|4|40"], await SpeedRowsAsync(old, Second));
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(@new, First));
    }

    [Fact]
    public async Task Leases_run_out_by_the_clock_of_the_database()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore one = await OpenAsync(options);
        await using PostgresViewStore other = await OpenAsync(options);
        await one.RegisterAsync(Sample.Registration(1), Token);
        BatchLease held = (await one.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromHours(1), Token))!;
        Assert.Null(await other.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromHours(1), Token));
        await using NpgsqlConnection connection = new(options.ConnectionString);
        Assert.True(await connection.ExecuteScalarAsync<bool>(
            "SELECT abs(extract(epoch FROM clock_timestamp()) + 3600 - runs_out_at / 1e6) < 300 FROM lambda.leases"));

        await connection.ExecuteAsync("UPDATE lambda.leases SET runs_out_at = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");

        Assert.Equal(held.Fence + 1, (await other.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromHours(1), Token))!.Fence);
        await Assert.ThrowsAsync<FencedException>(async () => await one.RenewLeaseAsync(held, TimeSpan.FromHours(1), Token));
    }

    [Fact]
    public async Task Schemas_of_one_database_are_stores_of_their_own()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore one = await OpenAsync(options);
        await using PostgresViewStore other = await OpenAsync(options with { Schema = "another_1" });
        await one.RegisterAsync(Sample.Registration(1, First), Token);

        Assert.Null(await other.ReadStreamAsync(Sample.Stream, Token));
    }

    [Fact]
    public async Task A_process_that_never_writes_notices_what_others_commit()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore writer = await OpenAsync(options);
        await using PostgresViewStore reader = await OpenAsync(options);
        await writer.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim claim = await writer.ClaimAsync(Sample.Stream, 0, Token);
        long seen = await SettleAsync(reader);

        await writer.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(First, ("a", 1, 1))), Token);
        seen = await RiseAsync(reader, seen);
        await PublishAsync(writer, claim);

        await RiseAsync(reader, seen);
    }

    [Fact]
    public async Task A_lease_can_be_renewed_while_a_publication_waits()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        (BatchLease lease, long generation) = await PrepareAsync(store);
        await using NpgsqlConnection other = new(options.ConnectionString);
        await other.OpenAsync(Token);
        await using NpgsqlTransaction holding = await other.BeginTransactionAsync(Token);
        await other.ExecuteAsync("SELECT * FROM lambda.partitions FOR UPDATE");
        Task publication = store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UtcNow), Token).AsTask();
        await WaitedForAsync(options);

        await store.RenewLeaseAsync(lease, TimeSpan.FromMinutes(1), Token);

        Assert.False(publication.IsCompleted);
        await holding.RollbackAsync(Token);
        await publication;
    }

    [Fact]
    public async Task A_publication_during_which_the_lease_is_taken_leaves_nothing_behind()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        (BatchLease lease, long generation) = await PrepareAsync(store);
        await using NpgsqlConnection other = new(options.ConnectionString);
        await other.OpenAsync(Token);
        await using NpgsqlTransaction holding = await other.BeginTransactionAsync(Token);
        await other.ExecuteAsync("SELECT * FROM lambda.partitions FOR UPDATE");
        Task publication = store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UtcNow), Token).AsTask();
        await WaitedForAsync(options);
        await using (NpgsqlConnection clock = new(options.ConnectionString))
        {
            await clock.ExecuteAsync("UPDATE lambda.leases SET runs_out_at = 0");
        }

        Assert.NotNull(await store.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromMinutes(1), Token));

        await holding.RollbackAsync(Token);
        await Assert.ThrowsAsync<FencedException>(() => publication);
        Assert.Null((await store.ReadStreamAsync(Sample.Stream, Token))!.CurrentGeneration);
    }

    private static async Task<(BatchLease Lease, long Generation)> PrepareAsync(PostgresViewStore store)
    {
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(7, Boundary.Zero(1), [First]), Token);
        return (lease, generation);
    }

    private static async Task PublishAsync(PostgresViewStore store, PartitionClaim claim)
    {
        await store.CommitAsync(Sample.Commit(claim, 10) with { EpochEnd = EpochEnd.Seal }, Token);
        (BatchLease lease, long generation) = await PrepareAsync(store);
        await store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UtcNow), Token);
    }

    /// <summary>Waits until a transaction waits for another.</summary>
    private static async Task WaitedForAsync(PostgresStoreOptions options)
    {
        await using NpgsqlConnection watcher = new(options.ConnectionString);
        while (await watcher.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid OR database IS NULL "
            + "JOIN pg_stat_activity USING (pid) WHERE NOT granted AND pg_stat_activity.datname = current_database()") == 0)
        {
            await Task.Delay(10, Token);
        }
    }

    /// <summary>The commit sequence when everything that others have done so far is noticed.</summary>
    private static async Task<long> SettleAsync(PostgresViewStore store)
    {
        long seen = store.CommitSequence;
        await Task.Delay(3 * ChangeWatch.Interval, Token);
        long settled = store.CommitSequence;
        Assert.InRange(settled, seen, seen + 1);
        return settled;
    }

    private static async Task<long> RiseAsync(PostgresViewStore store, long seen)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (store.CommitSequence == seen)
        {
            await Task.Delay(10, patience.Token);
        }

        return store.CommitSequence;
    }

    private static Task<PostgresViewStore> OpenAsync(PostgresStoreOptions options) => PostgresViewStore.OpenAsync(options, TimeProvider.System, Token);

    private static async Task<IReadOnlyList<string>> SpeedRowsAsync(PostgresViewStore store, PartialLayout view) =>
        Sample.Rows((await store.ReadViewAsync(Sample.Read(view, ReadScope.Speed), Token)).Speed);

    private static async Task<Boundary> CoverageAsync(PostgresViewStore store, PartialLayout view) =>
        (await store.ReadViewAsync(Sample.Read(view, ReadScope.Speed), Token)).Coverage;

    private async Task<PostgresStoreOptions> DatabaseAsync()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        return new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) };
    }
}
