using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Support;

namespace Lambda.Batch.Tests.Deletion;

/// <summary>Deletions from a history that another program has written files of.</summary>
public class DeletionFromForeignFilesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_deleted_when_a_file_that_another_program_has_written_keeps_some_of_it()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await RewriteLastFileAsync(platform, "*, 1 AS more");
        long version = (await platform.Archive.PinAsync(Cancellation)).Version;

        HistoryException refused = await Assert.ThrowsAsync<HistoryException>(() => platform.DeleteAsync("shop = 'ams'"));

        Assert.Contains("foreign.parquet' cannot be deleted: it has a column 'more'", refused.Message, StringComparison.Ordinal);
        IArchiveSnapshot archive = await platform.Archive.PinAsync(Cancellation);
        Assert.Equal((version, null), (archive.Version, archive.Deletion));
        Assert.False(Directory.Exists(Path.Combine(platform.Folder, "history", Orders.Stream, "deletions")));
        Assert.Equal(1, (await platform.DeleteAsync("id = 'a'")).Files);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    [Fact]
    public async Task Events_go_out_of_files_that_another_program_has_written()
    {
        await using Platform platform = await DeletionScene.PublishedAsync();
        await RewriteLastFileAsync(platform, "*");

        DeletionResult result = await platform.DeleteAsync("shop = 'ams'");

        Assert.Equal((2, 2), (result.Events.Values.Sum(), result.Files));
        Assert.Empty((await platform.DeleteAsync("shop = 'ams'", DeletionMode.DryRun)).Events);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    /// <summary>Puts a file that DuckDB writes in the place of that of the last date.</summary>
    private static async Task RewriteLastFileAsync(Platform platform, string columns)
    {
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        string table = HistoryLayout.EventsOf(Orders.Stream);
        DeltaSnapshot current = (await new DeltaLog(storage, table, TimeProvider.System).FindLatestAsync(Cancellation))!;
        await ForeignFiles.RewriteAsync(storage, table, current, [current.Files.MaxBy(file => file.Path, StringComparer.Ordinal)!], columns);
    }
}
