using DuckDB.NET.Data;
using Lambda.Batch.Audit.Data;

namespace Lambda.Batch.Tests.Audit;

public sealed class AuditEngineTests : IDisposable
{
    private readonly AuditEngines _engines = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _engines.Dispose();

    [Fact]
    public async Task The_next_audit_has_the_same_engine_and_nothing_of_the_audit_before()
    {
        AuditEngine first = await _engines.TakeAsync(Cancellation);
        Execute(first, "CREATE TABLE audit.reference_0 AS SELECT range AS value FROM range(1000000)");
        Execute(first, "CREATE VIEW events AS SELECT * FROM audit.reference_0");
        Assert.Equal(1_000_000L, Ask(first, "SELECT count(*) FROM events"));
        await _engines.GiveBackAsync(first);

        AuditEngine second = await _engines.TakeAsync(Cancellation);

        Assert.Same(first, second);
        Assert.Equal(0L, Ask(second, "SELECT count(*) FROM duckdb_tables()"));
        Assert.Equal(0L, Ask(second, "SELECT count(*) FROM duckdb_views() WHERE NOT internal"));
        Assert.True((long)Ask(second, "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()") < 1 << 20);
        Execute(second, "CREATE TABLE audit.reference_0 (value INTEGER); CREATE VIEW events AS SELECT * FROM audit.reference_0");
        await _engines.GiveBackAsync(second);
    }

    [Fact]
    public async Task Audits_at_the_same_time_have_engines_of_their_own()
    {
        AuditEngine first = await _engines.TakeAsync(Cancellation);
        AuditEngine second = await _engines.TakeAsync(Cancellation);

        Assert.NotSame(first, second);

        await _engines.GiveBackAsync(first);
        await _engines.GiveBackAsync(second);
        AuditEngine third = await _engines.TakeAsync(Cancellation);
        Assert.Same(first, third);
        await _engines.GiveBackAsync(third);
        Assert.Throws<InvalidOperationException>(() => Execute(second, "SELECT 1"));
    }

    [Fact]
    public async Task An_engine_whose_audit_cannot_be_ended_is_replaced()
    {
        AuditEngine broken = await _engines.TakeAsync(Cancellation);
        Execute(broken, "USE memory; DETACH audited");

        await _engines.GiveBackAsync(broken);

        AuditEngine next = await _engines.TakeAsync(Cancellation);
        Assert.NotSame(broken, next);
        await _engines.GiveBackAsync(next);
    }

    [Fact]
    public async Task An_engine_on_which_a_statement_failed_is_replaced()
    {
        EventRelation failing = await OpenAsync();
        await Assert.ThrowsAsync<DuckDBException>(() => failing.QueryAsync("SELECT error('out of luck') FROM range(1)", Cancellation));
        string of = await SpillOfAsync(failing);
        await failing.DisposeAsync();
        await using EventRelation next = await OpenAsync();
        string ofNext = await SpillOfAsync(next);
        await next.DisposeAsync();
        await using EventRelation last = await OpenAsync();

        Assert.NotEqual(of, ofNext);
        Assert.Equal(ofNext, await SpillOfAsync(last));
    }

    [Fact]
    public async Task What_is_spilled_is_gone_when_the_audit_is_over()
    {
        AuditEngine engine = await _engines.TakeAsync(Cancellation);
        string folder = (string)Ask(engine, "SELECT current_setting('temp_directory')");
        Assert.False(Directory.Exists(folder));
        Execute(engine, "SET memory_limit = '20MB'; CREATE TABLE audit.much AS SELECT range || '-' || hash(range) AS value FROM range(2000000)");
        Assert.NotEmpty(Directory.EnumerateFiles(folder));

        await _engines.GiveBackAsync(engine);

        Assert.False(Directory.Exists(folder));
        AuditEngine next = await _engines.TakeAsync(Cancellation);
        Assert.NotSame(engine, next);
        await _engines.GiveBackAsync(next);
    }

    [Fact]
    public async Task An_engine_that_is_given_back_after_the_end_is_closed()
    {
        AuditEngine engine = await _engines.TakeAsync(Cancellation);
        _engines.Dispose();

        await _engines.GiveBackAsync(engine);

        Assert.Throws<InvalidOperationException>(() => Execute(engine, "SELECT 1"));
    }

    private Task<EventRelation> OpenAsync() => EventRelation.OpenAsync(_engines, Parcel.Catalog(_ => { }).Streams[0], [], Cancellation);

    /// <summary>Every engine spills to a folder of its own.</summary>
    private static async Task<string> SpillOfAsync(EventRelation relation) =>
        (string)(await relation.QueryAsync("SELECT current_setting('temp_directory')", Cancellation))[0][0]!;

    private static void Execute(AuditEngine engine, string sql)
    {
        using DuckDBCommand command = engine.Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object Ask(AuditEngine engine, string sql)
    {
        using DuckDBCommand command = engine.Connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
