using Dapper;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Database;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>Answers of the embedded store's database that are given again while nothing is committed that could change them.</summary>
public sealed class RememberedReadTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-remembered-").FullName;
    private StoreDatabase? _database;
    private RememberedReads? _reads;
    private int _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StoreDatabase Database => _database!;

    public async ValueTask InitializeAsync()
    {
        _database = StoreDatabase.Open(new EmbeddedStoreOptions { Folder = _folder });
        _reads = new RememberedReads(_database);
        await WriteAsync("CREATE TABLE figures (figure INTEGER); INSERT INTO figures VALUES (1)");
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_answer_is_read_once_until_somebody_commits()
    {
        await AssertReadTwiceAsync(1);
        Assert.Equal(1, _made);

        await WriteAsync("UPDATE figures SET figure = 2");
        await AssertReadTwiceAsync(2);
        Assert.Equal(2, _made);
    }

    [Fact]
    public async Task An_answer_holds_while_only_what_nobody_can_see_is_written()
    {
        await WriteAsync("CREATE TABLE unseen (figure INTEGER)");
        await AssertReadTwiceAsync(1);
        await Database.WriteAsync(connection => connection.Execute("INSERT INTO unseen VALUES (1)"), WriteEffect.Unseen, Token);
        await Database.AppendAsync(connection => connection.Execute("INSERT INTO unseen VALUES (2)"), _ => { }, Token);
        await Database.WriteInParallelAsync(_ => 0, [(connection, _) => connection.Execute("INSERT INTO unseen VALUES (3)")], Token);
        await AssertReadTwiceAsync(1);
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task Answers_are_told_apart_by_what_is_read_stream_and_partition()
    {
        await ReadAsync();
        await ReadAsync(ControlRead.Status);
        await ReadAsync(stream: "other");
        await ReadAsync(partition: 1);
        Assert.Equal(4, _made);
    }

    [Fact]
    public async Task What_depends_on_more_than_what_is_committed_is_read_each_time()
    {
        await ReadAsync(holds: false);
        await ReadAsync(holds: false);
        Assert.Equal(2, _made);
    }

    [Fact]
    public async Task A_commit_while_an_answer_is_read_makes_it_be_read_again()
    {
        int first = await _reads!.ReadAsync(
            ControlRead.Epochs,
            "rides",
            0,
            connection =>
            {
                int figure = connection.QuerySingle<int>("SELECT sum(figure)::INTEGER FROM figures");
                WriteAsync("UPDATE figures SET figure = 5").GetAwaiter().GetResult();
                return figure;
            },
            static _ => true,
            Token);
        Assert.Equal(1, first);
        Assert.Equal(5, await ReadAsync());
    }

    private async Task AssertReadTwiceAsync(int expected)
    {
        Assert.Equal(expected, await ReadAsync());
        Assert.Equal(expected, await ReadAsync());
    }

    private async Task WriteAsync(string sql) => await Database.WriteAsync(connection => connection.Execute(sql), Token);

    private async Task<int> ReadAsync(ControlRead read = ControlRead.Epochs, string stream = "rides", int partition = 0, bool holds = true) => await _reads!.ReadAsync(
        read,
        stream,
        partition,
        connection =>
        {
            _made++;
            return connection.QuerySingle<int>("SELECT sum(figure)::INTEGER FROM figures");
        },
        _ => holds,
        Token);
}
