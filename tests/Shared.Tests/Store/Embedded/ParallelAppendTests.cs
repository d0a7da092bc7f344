using Dapper;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Database;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>Rows that are appended to the embedded store's database beside other writes, and take effect in turn.</summary>
public sealed class ParallelAppendTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-appends-").FullName;
    private StoreDatabase? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StoreDatabase Database => _database!;

    public async ValueTask InitializeAsync()
    {
        _database = StoreDatabase.Open(new EmbeddedStoreOptions { Folder = _folder, CheckpointMegabytes = 1 });
        await Database.WriteAsync(connection => connection.Execute("CREATE TABLE rows (n BIGINT); CREATE TABLE owner (fence BIGINT); INSERT INTO owner VALUES (1)"), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 0)]
    public async Task Others_write_while_rows_are_appended_and_what_they_changed_decides_whether_the_rows_count(long fence, long expected)
    {
        using SemaphoreSlim appended = new(0);
        using SemaphoreSlim goOn = new(0);
        Task append = Database.AppendAsync(
            connection =>
            {
                connection.Execute("INSERT INTO rows SELECT range FROM range(3)");
                appended.Release();
                goOn.Wait(Token);
            },
            connection => Assert.Equal(1, connection.QuerySingle<long>("SELECT fence FROM owner")),
            Token).AsTask();
        await appended.WaitAsync(Token);
        await Database.WriteAsync(connection => connection.Execute("UPDATE owner SET fence = $fence", new { fence }), Token);
        Assert.Equal(0, await CountAsync());

        goOn.Release();
        if (expected == 0)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => append);
        }
        else
        {
            await append;
        }

        Assert.Equal(expected, await CountAsync());
    }

    [Fact]
    public async Task What_the_database_refuses_is_said_and_leaves_nothing_and_others_go_on()
    {
        ViewStoreException refused = await Assert.ThrowsAsync<ViewStoreException>(async () => await Database.AppendAsync(
            connection => connection.Execute("INSERT INTO rows VALUES (1); INSERT INTO nowhere VALUES (1)"), _ => { }, Token));
        Assert.Contains("nowhere", refused.Message, StringComparison.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Database.AppendAsync(connection => connection.Execute("INSERT INTO rows SELECT range FROM range(1000)"), _ => { }, Token).AsTask()));
        Assert.Equal(20_000, await CountAsync());
    }

    [Fact]
    public async Task Closing_waits_for_rows_that_are_being_appended()
    {
        Task append = Database.AppendAsync(connection => connection.Execute("INSERT INTO rows SELECT range FROM range(100000)"), _ => { }, Token).AsTask();
        await Database.DisposeAsync();
        await append;
        _database = StoreDatabase.Open(new EmbeddedStoreOptions { Folder = _folder });
        Assert.Equal(100_000, await CountAsync());
    }

    private async Task<long> CountAsync() => await Database.ReadAsync(connection => connection.QuerySingle<long>("SELECT count(*) FROM rows"), Token);
}
