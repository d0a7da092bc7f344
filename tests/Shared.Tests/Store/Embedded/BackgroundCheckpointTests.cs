using Dapper;
using Lambda.Store.Embedded;
using Lambda.Store.Embedded.Database;
using Xunit;

namespace Lambda.Tests.Store.Embedded;

/// <summary>When the embedded store's log is folded into its file.</summary>
public sealed class BackgroundCheckpointTests : IAsyncLifetime
{
    private const long Megabyte = 1 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("store-checkpoints-").FullName;
    private StoreDatabase? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StoreDatabase Database => _database!;

    private long LogLength => new FileInfo(Path.Combine(_folder, "views.duckdb.wal")) is { Exists: true } log ? log.Length : 0;

    public async ValueTask InitializeAsync()
    {
        _database = StoreDatabase.Open(new EmbeddedStoreOptions { Folder = _folder, CheckpointMegabytes = 1 });
        await Database.WriteAsync(connection => connection.Execute("CREATE TABLE texts (text VARCHAR)"), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_log_that_has_become_long_is_folded_into_the_file()
    {
        await WriteMegabytesAsync(2);
        await Database.Checkpoint.IdleAsync();
        Assert.InRange(LogLength, 0, Megabyte);
    }

    [Fact]
    public async Task Batch_work_is_not_held_up_in_the_middle_but_at_its_end()
    {
        Database.Checkpoint.PutOff("rides");
        Database.Checkpoint.PutOff("other");
        await WriteMegabytesAsync(2);
        Database.Checkpoint.Resume("rides");
        await Database.Checkpoint.IdleAsync();
        Assert.InRange(LogLength, 2 * Megabyte, long.MaxValue);

        Database.Checkpoint.Resume("other");
        await Database.Checkpoint.IdleAsync();
        Assert.InRange(LogLength, 0, Megabyte);
    }

    [Fact]
    public async Task Batch_work_that_never_ends_keeps_the_log_from_being_folded_in_only_until_it_is_four_times_as_long()
    {
        Database.Checkpoint.PutOff("rides");
        await WriteMegabytesAsync(5);
        await Database.Checkpoint.IdleAsync();
        Assert.InRange(LogLength, 0, Megabyte);
    }

    private async Task WriteMegabytesAsync(int megabytes) => await Database.WriteAsync(
        connection => connection.Execute($"INSERT INTO texts SELECT repeat((range % 10)::VARCHAR, 1024) FROM range({1024 * megabytes})"), Token);
}
