using Dapper;
using Lambda.Aggregation.Sql;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Tables;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>How the partials of a backlog lie in the database, before they are indexed and after.</summary>
public sealed class PostgresPackedPartialsTests(PostgresFixture fixture)
{
    private const int Many = 2500;

    /// <summary>In hours since 1970.</summary>
    private const int Now = 490_000;

    private static readonly PartialLayout View = Sample.View() with
    {
        Answer = new SqlAnswer(new SqlWindows(SqlWindowRule.Slice), [new SqlColumn("total", "sum({0})")]),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_epoch_of_one_large_commit_is_packed_and_is_unpacked_piece_by_piece()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await FillAsync(store);
        Assert.Equal((3, 2), await LyingAsync(connection));
        string answer = await AnswerAsync(connection);

        foreach ((int pieces, int rows) in (IEnumerable<(int, int)>)[(2, 1026), (1, 2050), (0, 2502)])
        {
            Assert.True(await store.IndexAsync(View, Sample.Stream, 0, Token));
            Assert.Equal((pieces, rows), await LyingAsync(connection));
            Assert.Equal(answer, await AnswerAsync(connection));
        }

        Assert.False(await store.IndexAsync(View, Sample.Stream, 0, Token));
    }

    [Fact]
    public async Task Whoever_unpacks_beside_another_unpacks_something_else_or_nothing()
    {
        PostgresStoreOptions options = (await DatabaseAsync()) with { PieceSize = 20 };
        await using PostgresViewStore store = await OpenAsync(options);
        await using PostgresViewStore other = await OpenAsync(options);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await FillAsync(store);
        await Task.WhenAll(((PostgresViewStore[])[store, other, store]).Select(async one =>
        {
            int idle = 0;
            while (idle < 2)
            {
                idle += await one.IndexAsync(View, Sample.Stream, 0, Token) ? 0 : 1;
            }
        }));

        Assert.Equal((0, Many + 2), await LyingAsync(connection));
    }

    [Fact]
    public async Task Packed_slices_expire_by_the_piece_once_all_of_it_is_superseded_and_over()
    {
        PostgresStoreOptions options = (await DatabaseAsync()) with { PieceSize = 1000 };
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddHours(Now));
        await using PostgresViewStore store = await PostgresViewStore.OpenAsync(options, time, Token);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 20, Hours(Now - 2400, Many)) with { EpochEnd = EpochEnd.Seal }, Token);
        await store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 30, Hours(Now - 2400, Many)) with { EpochEnd = EpochEnd.Seal }, Token);
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        await store.BeginGenerationAsync(lease, new GenerationPlan(7, new Boundary([20]), [View]), Token);
        await store.PublishAsync(lease, 1, Sample.Published(1, time.GetUtcNow()), Token);
        Assert.Equal((6, 0), await LyingAsync(connection));

        await store.ExpireAsync(lease, time.GetUtcNow().AddSeconds(1), Token);

        Assert.Equal((4, 0), await LyingAsync(connection));
    }

    /// <summary>A run that compares date by date would else unpack all of a backlog for each of them.</summary>
    [Fact]
    public async Task Rows_of_packed_partials_that_have_nothing_of_a_time_are_not_unpacked()
    {
        PostgresStoreOptions options = (await DatabaseAsync()) with { PieceSize = 100 };
        await using PostgresViewStore store = await OpenAsync(options);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await FillAsync(store);

        // What is in these now is of the time that is asked for, against what is said of them: it would be read if they were.
        await connection.ExecuteAsync(
            "UPDATE lambda.packed_1 SET slice_start = array_fill(to_timestamp(400 * 3600), ARRAY[100]), slice_end = array_fill(to_timestamp(401 * 3600), ARRAY[100]) "
            + "WHERE piece NOT IN (3, 4)");
        WindowRange range = new(310 * Sample.Hour, 420 * Sample.Hour);
        PartialBatch read = (await store.ReadViewAsync(Sample.Read(View, ReadScope.Speed) with { Range = range }, Token)).Speed;
        Assert.Equal(110, read.Count);
        Assert.Equal(110, await CountAsync(store.ReadSpeedAsync(View, new Boundary([0]), new Boundary([20]), range, KeyPiece.All, Token)));
    }

    [Fact]
    public async Task What_is_packed_goes_with_its_edition()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await FillAsync(store);
        int edition = await store.BeginReplayAsync(Sample.Stream, [View], new Boundary([0]), Token);
        PartitionClaim beside = await store.ClaimAsync(EditionLane.Of(Sample.Stream, edition), 0, Token);
        await store.CommitAsync(
            Sample.Commit(beside, 20, Hours(0, Many)) with { Stream = beside.Lane!, Edition = edition, EpochEnd = EpochEnd.Seal }, Token);
        Assert.Equal((6, 2), await LyingAsync(connection));
        Assert.True(await store.IndexAsync(View, beside.Lane!, 0, Token));
        Assert.Equal((5, 1026), await LyingAsync(connection));

        await store.DropEditionAsync(Sample.Stream, edition, Token);

        Assert.Equal((3, 2), await LyingAsync(connection));
    }

    // The rows were looked at before, and what was packed was gone when its turn came: it was unpacked, and stayed for ever.
    [Fact]
    public async Task What_somebody_unpacks_while_its_edition_is_dropped_goes_with_it()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using PostgresViewStore store = await OpenAsync(options);
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 20), Token);
        int edition = await store.BeginReplayAsync(Sample.Stream, [View], new Boundary([0]), Token);
        PartitionClaim beside = await store.ClaimAsync(EditionLane.Of(Sample.Stream, edition), 0, Token);
        await store.CommitAsync(
            Sample.Commit(beside, 20, Hours(0, Many)) with { Stream = beside.Lane!, Edition = edition, EpochEnd = EpochEnd.Seal }, Token);
        await using NpgsqlConnection other = new(options.ConnectionString);
        await other.OpenAsync(Token);
        await using NpgsqlTransaction unpacking = await other.BeginTransactionAsync(Token);
        await other.ExecuteAsync("SET LOCAL search_path = lambda");
        Assert.Equal(1024, await PackedPartials.UnpackPieceAsync(other, new ViewTable(1, View), EditionLane.Slot(edition, 0)));

        Task dropping = store.DropEditionAsync(Sample.Stream, edition, Token).AsTask();
        while (!await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"))
        {
            Assert.False(dropping.IsCompleted);
        }

        await unpacking.CommitAsync(Token);
        await dropping;
        Assert.Equal((0, 0), await LyingAsync(connection));
    }

    /// <summary>A store as it was before partials were packed: its table has the name that the view of all partials has now.</summary>
    [Fact]
    public async Task A_store_of_before_reads_on_and_its_old_programs_cannot_write_past_what_is_packed()
    {
        PostgresStoreOptions options = await DatabaseAsync();
        await using NpgsqlConnection connection = new(options.ConnectionString);
        await using (PostgresViewStore store = await OpenAsync(options with { PieceSize = Many }))
        {
            await FillAsync(store);
        }

        string answer = await AnswerAsync(connection);
        await connection.ExecuteAsync(
            """
            SET search_path = lambda;
            DROP VIEW lambda_views."flights.delays";
            DROP VIEW speed_1;
            DROP TABLE packed_1;
            DROP FUNCTION add_packed_partials;
            DROP INDEX sealed_epochs_start;
            ALTER TABLE speed_rows_1 RENAME TO speed_1;
            DO $body$ BEGIN EXECUTE 'CREATE VIEW lambda_views."flights.delays" AS ' || (SELECT answer_sql FROM shown_answers); END $body$;
            DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version);
            RESET search_path
            """);
        Assert.Equal(answer, await AnswerAsync(connection));

        await using PostgresViewStore migrated = await OpenAsync(options);
        Assert.Equal(answer, await AnswerAsync(connection));
        await migrated.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await migrated.ClaimAsync(Sample.Stream, 0, Token);
        await migrated.CommitAsync(Sample.Commit(claim, 40, Hours(0, Many)) with { EpochEnd = EpochEnd.Seal }, Token);
        Assert.Equal((3, Many + 2), await LyingAsync(connection));
        Assert.Equal(2 * (Many + 1), (await migrated.ReadViewAsync(Sample.Read(View, ReadScope.Speed), Token)).Speed.Count);
        Assert.NotEqual(answer, await AnswerAsync(connection));
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(
            () => connection.ExecuteAsync("INSERT INTO lambda.speed_1 SELECT * FROM lambda.speed_1 LIMIT 1"));
        Assert.Equal(PostgresErrorCodes.ObjectNotInPrerequisiteState, refused.SqlState);
    }

    /// <summary>An epoch of one large commit, and one that stays open.</summary>
    private static async Task FillAsync(PostgresViewStore store)
    {
        await store.RegisterAsync(Sample.Registration(1, View), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 20, Hours(0, Many)) with { EpochEnd = EpochEnd.Seal }, Token);
        await store.CommitAsync(
            Sample.Commit(claim with { Epoch = 2 }, 30, Sample.Batch(View, ("a", 1, 1), ("b", 2, 1))), Token);
    }

    private static PartialBatch Hours(int first, int count) => Sample.Batch(View, [.. Enumerable.Range(first, count).Select(hour => ((string?)"a", hour, 2L))]);

    private static async Task<(int Pieces, int Rows)> LyingAsync(NpgsqlConnection connection) => (
        await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM lambda.packed_1"),
        await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM lambda.speed_rows_1"));

    private static async Task<string> AnswerAsync(NpgsqlConnection connection) => await connection.ExecuteScalarAsync<string>(
        "SELECT count(*) || ' ' || sum(total) || ' ' || max(event_count) FROM lambda_views.\"flights.delays\"") ?? "";

    private static async Task<int> CountAsync(IAsyncEnumerable<PartialBatch> batches)
    {
        int count = 0;
        await foreach (PartialBatch batch in batches)
        {
            count += batch.Count;
        }

        return count;
    }

    private async Task<PostgresStoreOptions> DatabaseAsync()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        return new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) };
    }

    private static Task<PostgresViewStore> OpenAsync(PostgresStoreOptions options) => PostgresViewStore.OpenAsync(options, TimeProvider.System, Token);
}
