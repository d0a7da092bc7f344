using Dapper;
using Lambda.Aggregation.Sql;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Windows;
using Npgsql;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

/// <summary>Which version of a view its SQL view shows.</summary>
public sealed class PostgresAnswerVersionTests(PostgresFixture fixture)
{
    private const string Old = "SELECT origin || '|' || total FROM lambda_views.\"flights.delays\" ORDER BY origin";
    private const string New = "SELECT origin || '|' || sum || '|' || least FROM lambda_views.\"flights.delays\" ORDER BY origin";

    private static readonly PartialLayout First = Sample.View() with { Answer = Answer(new SqlColumn("total", "sum({0})")) };

    /// <summary>Columns of other names and types.</summary>
    private static readonly PartialLayout Second = Sample.View(version: "00000000000000c3") with
    {
        Answer = Answer(new SqlColumn("sum", "sum({0})"), new SqlColumn("least", "min({0})")),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sql_view_shows_the_old_version_until_a_generation_with_the_new_one_is_published()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore old = await OpenAsync(database);
        await old.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim claim = await old.ClaimAsync(Sample.Stream, 0, Token);
        await old.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(First, ("a", 1, 1))) with { EpochEnd = EpochEnd.Seal }, Token);

        await using PostgresViewStore @new = await OpenAsync(database);
        await @new.RegisterAsync(Sample.Registration(1, Second), Token);
        claim = await @new.ClaimAsync(Sample.Stream, 0, Token);
        await @new.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(Second, ("b", 1, 2))), Token);
        Assert.Equal(["a|10"], await bi.QueryAsync<string>(Old));

        await PublishAsync(@new, Second, new Boundary([10]), ("c", 1, 3));
        Assert.Equal(["b|20|20", "c|30|30"], await bi.QueryAsync<string>(New));
    }

    [Fact]
    public async Task A_sql_view_shows_the_edition_that_answers()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(First, ("a", 1, 1))), Token);
        await store.RegisterAsync(Sample.Registration(1, Second), Token);
        claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(Second, ("b", 1, 2))), Token);

        int edition = await store.BeginReplayAsync(Sample.Stream, [Second], new Boundary([0]), Token);
        PartitionClaim beside = await store.ClaimAsync(EditionLane.Of(Sample.Stream, edition), 0, Token);
        await store.CommitAsync(
            Sample.Commit(beside, 20, Sample.Batch(Second, ("a", 1, 1), ("b", 1, 2))) with { Stream = beside.Lane!, Edition = edition }, Token);
        Assert.Equal(["a|10"], await bi.QueryAsync<string>(Old));

        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        await store.PromoteAsync(lease, edition, [Second], Token);
        Assert.Equal(["a|10|10", "b|20|20"], await bi.QueryAsync<string>(New));
    }

    [Fact]
    public async Task A_version_that_is_new_before_the_stream_begins_is_shown_at_once()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        await store.RegisterAsync(Sample.Registration(1, Second), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(Second, ("a", 1, 1))), Token);

        Assert.Equal(["a|10|10"], await bi.QueryAsync<string>(New));
    }

    [Fact]
    public async Task A_sql_view_that_is_being_read_does_not_hold_a_publication_up_and_stays_right()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(First, ("a", 1, 1))) with { EpochEnd = EpochEnd.Seal }, Token);
        await PublishAsync(store, First, new Boundary([10]), ("a", 1, 7));
        await store.RegisterAsync(Sample.Registration(1, Second), Token);
        await bi.OpenAsync(Token);
        await using (NpgsqlTransaction reading = await bi.BeginTransactionAsync(Token))
        {
            Assert.Equal(["a|70"], await bi.QueryAsync<string>(Old));
            await PublishAsync(store, Second, new Boundary([10]), ("a", 1, 8));
            Assert.Equal(["a|70"], await bi.QueryAsync<string>(Old));
        }

        await store.RegisterAsync(Sample.Registration(1, Second), Token);
        Assert.Equal(["a|80|80"], await bi.QueryAsync<string>(New));
    }

    /// <summary>
    /// Whoever waits for a view to be free stands before all who come to read it: they waited for 2 s, as long as the publication did.
    /// </summary>
    [Fact]
    public async Task A_sql_view_that_is_being_read_for_long_can_be_read_by_others_while_a_publication_waits_for_it()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection longReader = new(database);
        await using NpgsqlConnection reader = new($"{database};Options=-c statement_timeout=1500ms");
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        PartitionClaim claim = await store.ClaimAsync(Sample.Stream, 0, Token);
        await store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(First, ("a", 1, 1))) with { EpochEnd = EpochEnd.Seal }, Token);
        await PublishAsync(store, First, new Boundary([10]), ("a", 1, 7));
        await store.RegisterAsync(Sample.Registration(1, Second), Token);
        await longReader.OpenAsync(Token);
        await using NpgsqlTransaction reading = await longReader.BeginTransactionAsync(Token);
        Assert.Equal(["a|70"], await longReader.QueryAsync<string>(Old));

        Task publication = PublishAsync(store, Second, new Boundary([10]), ("a", 1, 8));
        while (!publication.IsCompleted)
        {
            Assert.Equal(["a|70"], await reader.QueryAsync<string>(Old));
        }

        await publication;
    }

    [Fact]
    public async Task Views_of_two_streams_with_one_name_have_sql_views_of_their_own()
    {
        string database = await DatabaseAsync();
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(Sample.Registration(1, First), Token);
        await store.RegisterAsync(new StreamRegistration("trains", 1, [Second with { Stream = "trains" }]), Token);

        Assert.Empty(await bi.QueryAsync<string>(Old));
        Assert.Empty(await bi.QueryAsync<long>("SELECT least FROM lambda_views.\"trains.delays\""));
    }

    [Fact]
    public async Task Long_names_and_names_of_other_columns_are_told_apart()
    {
        string database = await DatabaseAsync();
        string stream = new('s', 100);
        string end = new('e', 90);
        PartialLayout layout = First with
        {
            Stream = stream,
            Answer = Answer(
                new SqlColumn("window_start", "sum({0})"), new SqlColumn("quo\"te", "1"), new SqlColumn($"{end}1", "sum({0})"), new SqlColumn($"{end}2", "2")),
        };
        await using NpgsqlConnection bi = new(database);
        await using PostgresViewStore store = await OpenAsync(database);
        await store.RegisterAsync(new StreamRegistration(stream, 1, [layout, layout with { View = "other" }]), Token);

        string[] columns = [.. await bi.QueryAsync<string>(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'lambda_views' ORDER BY table_name, ordinal_position")];
        Assert.Equal(16, columns.Length);
        Assert.Equal(["origin", "window_start", "window_end", "event_count", "window_start_", "quo\"te"], columns[..6]);
        Assert.Equal(2, columns.Count(column => column.StartsWith("eee", StringComparison.Ordinal)) / 2);
    }

    private static SqlAnswer Answer(params SqlColumn[] columns) => new(new SqlWindows(SqlWindowRule.Slice), columns);

    private static async Task PublishAsync(PostgresViewStore store, PartialLayout view, Boundary boundary, params (string?, int, long)[] rows)
    {
        BatchLease lease = (await store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token))!;
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(7, boundary, [view]), Token);
        await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, Sample.Batch(view, rows), Token);
        await store.PublishAsync(lease, generation, Sample.Published(generation, DateTimeOffset.UtcNow), Token);
    }

    private static Task<PostgresViewStore> OpenAsync(string database) =>
        PostgresViewStore.OpenAsync(new PostgresStoreOptions { ConnectionString = database }, TimeProvider.System, Token);

    private async Task<string> DatabaseAsync()
    {
        PostgresCluster cluster = await fixture.GetAsync();
        return cluster.ConnectionString(await cluster.CreateDatabaseAsync());
    }
}
