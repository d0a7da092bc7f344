using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;

namespace Lambda.Batch.Tests.Deletion;

/// <summary>A history that events are deleted from, and what became of it.</summary>
internal static class DeletionScene
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A platform whose first generation has orders of two shops on two days, in a file for each.</summary>
    public static async Task<Platform> PublishedAsync()
    {
        Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, New("a", "ams", hour: 1));
        platform.Append(0, New("b", "ber", hour: 1));
        platform.Append(0, New("c", "ams", hour: 30));
        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        return platform;
    }

    public static Order New(string id, string shop, int hour) => new(id, Orders.Day.AddHours(hour), shop, 20, 1, 5);

    public static async Task<VerifyResult> VerifyAsync(Platform platform, HistoryPoint? point = null) => await new HistoryVerifier(
        new LocalObjectStorage(Path.Combine(platform.Folder, "history")),
        platform.Definition,
        Orders.Partitions,
        await AcceptedGaps.ReadAsync(platform.Store, Orders.Stream, Cancellation),
        TimeProvider.System).RunAsync(point ?? HistoryPoint.Now, Cancellation);

    /// <summary>Commits the files of a version in the place of those that there are.</summary>
    public static async Task RestoreAsync(Platform platform, long version)
    {
        string table = HistoryLayout.EventsOf(Orders.Stream);
        DeltaLog log = new(platform.Storage, table, TimeProvider.System);
        DeltaSnapshot old = await log.ReadAsync(new HistoryPoint.AtVersion(version), Cancellation);
        DeltaSnapshot current = (await log.FindLatestAsync(Cancellation))!;
        DeltaAction[] actions =
        [
            .. current.Files.Where(file => old.Find(file.Path) is null).Select(file => RemoveFile.Deleted(file, 0)),
            .. old.Files.Where(file => current.Find(file.Path) is null),
        ];
        string commit = $"{table}/{DeltaPaths.Commit(current.Version + 1)}";
        Assert.True(await platform.Storage.PutIfAbsentAsync(commit, DeltaCommit.Write(actions, new CommitInfo(null, "RESTORE")), Cancellation));
    }

    /// <summary>The shops that files have orders of on the first day.</summary>
    public static async Task<IReadOnlyList<string?>> ShopsAsync(Platform platform)
    {
        using LocalFiles files = await (await platform.Archive.PinAsync(Cancellation)).OpenFilesAsync(Cancellation);
        List<string?> shops = [];
        await foreach (System.Data.Common.DbDataReader row in ParquetFiles.QueryAsync("DISTINCT shop", files.Paths, "\"at\" < '2024-05-05'", Cancellation))
        {
            shops.Add(row.GetString(0));
        }

        return shops;
    }
}
