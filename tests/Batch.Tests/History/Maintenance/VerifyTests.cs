using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.History.Maintenance;

/// <summary>Whatever is done to a history behind its back: verifying it names the file, and what differs from what.</summary>
public sealed class VerifyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LogShape.Dense)]
    [InlineData(LogShape.Sparse)]
    public async Task A_history_is_well_before_and_after_it_is_compacted_and_as_of_each_version(LogShape shape)
    {
        await using Platform platform = await ArchivedAsync(shape);
        VerifyResult before = await VerifyAsync(platform);
        Assert.Empty(before.Problems);
        await Maintenance(platform).CompactAsync(platform.Stream(), Cancellation);
        VerifyResult after = await VerifyAsync(platform);
        Assert.Empty(after.Problems);
        Assert.Equal(before.Rows, after.Rows);
        Assert.True(after.Files < before.Files);
        for (long version = 0; version <= after.Version; version++)
        {
            Assert.Empty((await VerifyAsync(platform, new HistoryPoint.AtVersion(version))).Problems);
        }
    }

    [Fact]
    public async Task Damaged_and_missing_files_are_all_named()
    {
        await using Platform platform = await ArchivedAsync(LogShape.Dense);
        (string[] files, _) = await FilesAsync(platform);
        File.Delete(files[0]);
        byte[] bytes = await File.ReadAllBytesAsync(files[1], Cancellation);
        await File.WriteAllBytesAsync(files[1], bytes[..^9], Cancellation);
        byte[] flipped = await File.ReadAllBytesAsync(files[2], Cancellation);
        flipped[40] ^= 16;
        await File.WriteAllBytesAsync(files[2], flipped, Cancellation);

        VerifyResult result = await VerifyAsync(platform);

        AssertProblem(result, files[0], "lacks its file");
        AssertProblem(result, files[1], $"it has {bytes.Length - 9} bytes instead of {bytes.Length}");
        AssertProblem(result, files[2], "is damaged");
        Assert.Contains(result.Problems, problem => problem.File is null && problem.Problem.Contains("in neither events, quarantine nor voids", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"numRecords\":", "\"numRecords\":9", "rows instead of")]
    [InlineData("\"minValues\":{\"_partition\":", "\"minValues\":{\"_partition\":7", "and the log tells 7")]
    [InlineData("\"nullCount\":{\"_partition\":", "\"nullCount\":{\"_partition\":3", "its nullCount._partition is 0, and the log tells 3")]
    [InlineData("\"maxValues\":{\"_partition\":", "\"maxValues\":{\"_partition\":1", "and the log tells 1")]
    public async Task Statistics_that_the_rows_do_not_bear_out_are_told(string found, string changed, string problem)
    {
        await using Platform platform = await ArchivedAsync(LogShape.Dense);
        (string[] files, DeltaSnapshot table) = await FilesAsync(platform);
        AddFile victim = table.Files.First();
        string wrong = victim.Stats!.Replace(found, changed, StringComparison.Ordinal);
        Assert.NotEqual(victim.Stats, wrong);
        await CommitAsync(platform, table, [victim with { Stats = wrong }]);
        AssertProblem(await VerifyAsync(platform), files[0], problem);
    }

    [Theory]
    [InlineData("0:0-1")]
    [InlineData("")]
    public async Task Offsets_by_partition_that_the_rows_do_not_bear_out_are_told(string tag)
    {
        await using Platform platform = await ArchivedAsync(LogShape.Dense);
        (string[] files, DeltaSnapshot table) = await FilesAsync(platform);
        AddFile victim = table.Files.First();
        await CommitAsync(platform, table, [victim with { Tags = new Dictionary<string, string>(victim.Tags) { [FileOffsets.Tag] = tag } }]);
        AssertProblem(await VerifyAsync(platform), files[0], "lies outside of the bounds that the log tells");
    }

    [Fact]
    public async Task Another_date_lost_and_doubled_rows_and_rows_of_another_program_are_told()
    {
        await using Platform platform = await ArchivedAsync(LogShape.Dense);
        (string[] files, DeltaSnapshot table) = await FilesAsync(platform);
        AddFile[] actions = [.. table.Files];

        // The same rows twice, under another name; and one file less.
        string copy = Path.Combine(Path.GetDirectoryName(files[0])!, "copy.parquet");
        File.Copy(files[0], copy);
        AddFile doubled = actions[0] with { Path = $"{Path.GetDirectoryName(actions[0].Path)}/copy.parquet" };
        await CommitAsync(platform, table, [doubled, new RemoveFile(actions[1].Path, 0, DataChange: true)]);
        VerifyResult result = await VerifyAsync(platform);
        Assert.Contains(result.Problems, problem => problem.File is null && problem.Problem.Contains("are there more than once", StringComparison.Ordinal));
        Assert.Contains(result.Problems, problem => problem.Problem.Contains("in neither events, quarantine nor voids", StringComparison.Ordinal));

        // A date that is not the rows'.
        await using Platform other = await ArchivedAsync(LogShape.Dense);
        (string[] dated, DeltaSnapshot second) = await FilesAsync(other);
        AddFile moved = second.Files.First();
        await CommitAsync(other, second, [moved with { PartitionValues = new Dictionary<string, string?> { ["_date"] = "2001-01-01" } }]);
        AssertProblem(await VerifyAsync(other), dated[0], "rows of another date");

        // Rows that the log does not say to be there.
        await using Platform third = await ArchivedAsync(LogShape.Dense);
        (string[] foreign, DeltaSnapshot newest) = await FilesAsync(third);
        await CommitAsync(third, newest, [new AppTransaction(RunPlan.AppId(Orders.Stream, 0), 1, 0), new AppTransaction(RunPlan.AppId(Orders.Stream, 1), 1, 0), new AppTransaction(RunPlan.AppId(Orders.Stream, 2), 1, 0)]);
        AssertProblem(await VerifyAsync(third), foreign[0], "behind the end that the log tells");
    }


    private static void AssertProblem(VerifyResult result, string file, string problem) =>
        Assert.Contains(result.Problems, found => found.File == file && found.Problem.Contains(problem, StringComparison.Ordinal));

    private static async Task<Platform> ArchivedAsync(LogShape shape)
    {
        Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(shape));
        RandomOrders orders = new(61, platform, shape);
        for (int run = 0; run < 3; run++)
        {
            orders.Append(60);
            StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
            await archiver.ArchiveAsync(platform.Stream(), await platform.LogEndAsync(), Cancellation);
        }

        return platform;
    }

    private static LocalObjectStorage Storage(Platform platform) => new(Path.Combine(platform.Folder, "history"));

    private static HistoryMaintenance Maintenance(Platform platform) =>
        new(Storage(platform), platform.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance);

    private static Task<VerifyResult> VerifyAsync(Platform platform, HistoryPoint? point = null) =>
        Maintenance(platform).VerifyAsync(platform.Definition, Orders.Partitions, point ?? HistoryPoint.Now, Cancellation);

    private static async Task<(string[] Files, DeltaSnapshot Table)> FilesAsync(Platform platform)
    {
        string folder = TableShape.EventsOf(platform.Definition).Folder;
        DeltaSnapshot table = (await new DeltaLog(Storage(platform), folder, TimeProvider.System).FindLatestAsync(Cancellation))!;
        return ([.. table.Files.Select(file => Storage(platform).Describe($"{folder}/{file.Path}"))], table);
    }

    private static async Task CommitAsync(Platform platform, DeltaSnapshot onto, IReadOnlyList<DeltaAction> actions)
    {
        string folder = TableShape.EventsOf(platform.Definition).Folder;
        string name = $"{folder}/{DeltaPaths.Commit(onto.Version + 1)}";
        Assert.True(await Storage(platform).PutIfAbsentAsync(name, DeltaCommit.Write(actions, new CommitInfo(null, "FOREIGN")), Cancellation));
    }
}
