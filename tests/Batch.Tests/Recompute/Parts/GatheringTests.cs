using Lambda.Batch.Archive;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Jobs;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>Workers that fail, die, refuse or never come, files that are damaged: a run in parts ends, and right.</summary>
public class GatheringTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_part_that_fails_or_whose_worker_dies_or_hangs_is_handed_out_again_and_in_the_end_computed_by_the_run()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 11);
        ScriptedQueue queue = new(platform.Worker, (part, before) => (part, before) switch
        {
            (0, 0) => Fate.Fails,
            (0, _) => Fate.Done,
            (1, 0) => Fate.Dies,
            (1, _) => Fate.Done,
            (2, _) => Fate.Dies,
            (3, 0) => Fate.Hangs,
            (3, _) => Fate.Done,
            (_, _) => Fate.EndsForNothing,
        });

        await RunAsync(platform, queue);

        Assert.All(queue.HandedOut.Values, times => Assert.Equal(2, times));
        Assert.DoesNotContain("0", queue.Withdrawn);
        Assert.DoesNotContain("1", queue.Withdrawn);
        Assert.Contains("2", queue.Withdrawn);
        Assert.DoesNotContain("3", queue.Withdrawn);
        Assert.Contains("4", queue.Withdrawn);
    }

    [Fact]
    public async Task A_run_that_nobody_helps_computes_all_parts_itself()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 12);
        ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Waits) { IsAnybodyThere = false };

        await RunAsync(platform, queue);

        Assert.All(queue.HandedOut.Values, times => Assert.Equal(1, times));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_gets_along_without_the_storage_of_jobs(bool fromTheBeginning)
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 13);
        ScriptedQueue queue = new(platform.Worker, (part, _) => part == 1 ? Fate.Done : Fate.Waits) { IsAway = fromTheBeginning };
        queue.After = (_, part) => queue.IsAway = part == 2;

        await RunAsync(platform, queue);

        Assert.Equal(fromTheBeginning ? 0 : 3, queue.HandedOut.Count);
        Assert.True(queue.IsAway);
    }

    [Theory]
    [InlineData(".result")]
    [InlineData(".partials")]
    public async Task A_part_whose_file_is_damaged_or_gone_is_computed_by_the_run(string kind)
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 14);
        ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Done)
        {
            After = (_, part) =>
            {
                string folder = Path.Combine(platform.Platform.Folder, "history", Orders.Stream, "runs");
                string file = Directory.EnumerateFiles(folder, $"{part:0000}*{kind}", SearchOption.AllDirectories).Single();
                if (part == 1)
                {
                    byte[] content = File.ReadAllBytes(file);
                    content[^7] ^= 4;
                    File.WriteAllBytes(file, content);
                }
                else if (part == 2 && kind == ".partials")
                {
                    File.Delete(file);
                }
            },
        };

        await RunAsync(platform, queue);

        Assert.All(queue.HandedOut.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task A_worker_of_another_program_refuses_and_the_run_ends_right()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 15);
        using BatchStreams other = new(
            Orders.Catalog(), platform.Platform.Log, platform.Platform.Store, platform.Storage, TimeProvider.System);
        PartWorker worker = new(other, platform.Storage, Platform.Options, NullLogger<PartWorker>.Instance);
        ScriptedQueue queue = new(worker, (_, _) => Fate.Done);

        await RunAsync(platform, queue);

        // As a job it takes its time to refuse, so that others get to take parts.
        IArchiveSnapshot archive = await platform.PinAsync();
        RunFolder folder = new(platform.Storage, Orders.Stream, Guid.NewGuid());
        await folder.WriteOrderAsync(
            PartOrder.Of(platform.Platform.Definition, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive)), Cancellation);
        FakeTimeProvider time = new();
        PartJob job = new(worker, time, NullLogger<PartJob>.Instance);
        Task refusing = Task.Run(() => job.RunAsync(Orders.Stream, folder.Run, 0, Cancellation), Cancellation);
        int seconds = 0;
        for (; !refusing.IsCompleted; seconds++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(refusing, Task.Delay(TimeSpan.FromMilliseconds(1), Cancellation));
        }

        await Assert.ThrowsAsync<PartRefusedException>(() => refusing);
        Assert.True(TimeSpan.FromSeconds(seconds) >= PartJob.RefusalPause, $"{seconds} s");
        Assert.Equal(2 * queue.HandedOut.Count, queue.Refusals.Count);
        Assert.All(queue.Refusals, reason => Assert.Contains("Run the same program in all batch processes", reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_reads_the_version_of_the_history_that_the_run_has_pinned_or_refuses()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 16);
        IArchiveSnapshot archive = await platform.PinAsync();
        new RandomOrders(17, platform.Platform).Append(100);
        await platform.ArchiveAsync();
        Assert.NotEqual(archive.Version, (await platform.PinAsync()).Version);
        ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Done);
        await RunAsync(platform, queue, archive);

        PartOrder order = PartOrder.Of(platform.Platform.Definition, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive));
        RunFolder folder = new(platform.Storage, Orders.Stream, Guid.NewGuid());
        await folder.WriteOrderAsync(order with { HistoryVersion = 1_000 }, Cancellation);

        PartRefusedException error = await Assert.ThrowsAsync<PartRefusedException>(
            () => platform.Worker.RunAsync(Orders.Stream, folder.Run, 0, Cancellation));

        Assert.StartsWith("version 1000 of its history cannot be read here: ", error.Message, StringComparison.Ordinal);
        RunFolder newer = new(platform.Storage, Orders.Stream, Guid.NewGuid());
        await newer.WriteOrderAsync(order with { Format = 2 }, Cancellation);

        error = await Assert.ThrowsAsync<PartRefusedException>(() => platform.Worker.RunAsync(Orders.Stream, newer.Run, 0, Cancellation));

        Assert.Contains("is of another version of the program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_is_run_twice_or_after_its_run_does_no_harm()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 18);
        IArchiveSnapshot archive = await platform.PinAsync();
        PartOrder order = PartOrder.Of(platform.Platform.Definition, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive));
        RunFolder folder = new(platform.Storage, Orders.Stream, Guid.NewGuid());
        await folder.WriteOrderAsync(order, Cancellation);

        // At the same time, as both look for a result before any has one.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(
            _ => Task.Run(() => platform.Worker.RunAsync(Orders.Stream, folder.Run, 0, Cancellation), Cancellation)));
        await platform.Worker.RunAsync(Orders.Stream, folder.Run, 0, Cancellation);

        Assert.Equal([0], await folder.FindResultsAsync(Cancellation));
        GatheredParts gathered = new(platform.Platform.Plan, archive, order.Range, long.MaxValue, settled: null);
        await gathered.AddAsync(folder, order.IdentityOf(folder.Run, 0), Cancellation);
        Assert.Equal(order.Parts[0], gathered.Result.RowsByDate.Keys);

        await folder.DeleteAsync(Cancellation);
        await platform.Worker.RunAsync(Orders.Stream, folder.Run, 1, Cancellation);
        Assert.Empty(await platform.RunFilesAsync());
    }

    [Fact]
    public async Task A_run_that_is_cancelled_takes_its_parts_back_and_leaves_nothing()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 19);
        using CancellationTokenSource cancel = new();
        ScriptedQueue queue = new(platform.Worker, (part, _) => part == 0 ? Fate.Done : Fate.Waits)
        {
            After = (_, part) =>
            {
                if (part == 1)
                {
                    cancel.Cancel();
                }
            },
        };
        IArchiveSnapshot archive = await platform.PinAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => platform.InPartsAsync(
            platform.Gatherer(queue), archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive), cancel.Token));

        Assert.Equal(archive.Dates.Count, queue.Withdrawn.Count);
        Assert.Empty(await platform.RunFilesAsync());
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(platform.Platform.Folder, "history", Orders.Stream, "runs")));
    }

    [Fact]
    public async Task What_a_run_that_crashed_left_is_removed_by_the_next_one_or_by_a_vacuum()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed: 20);
        IArchiveSnapshot archive = await platform.PinAsync();
        RunFolder left = new(platform.Storage, Orders.Stream, Guid.NewGuid());
        await left.WriteOrderAsync(
            PartOrder.Of(platform.Platform.Definition, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive)), Cancellation);

        Assert.Empty((await VacuumAsync(platform, VacuumMode.Delete, TimeSpan.FromDays(6))).SelectMany(result => result.Files));
        Assert.Single(await platform.RunFilesAsync());
        VacuumResult dry = (await VacuumAsync(platform, VacuumMode.DryRun, TimeSpan.FromDays(8))).Single(result => result.Table == "runs");
        Assert.Equal([left.Describe("order.json")], dry.Files);
        Assert.True(dry.Bytes > 0);
        Assert.Single(await platform.RunFilesAsync());
        await VacuumAsync(platform, VacuumMode.Delete, TimeSpan.FromDays(8));
        Assert.Empty(await platform.RunFilesAsync());

        await left.WriteOrderAsync(
            PartOrder.Of(platform.Platform.Definition, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive)), Cancellation);
        ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Done);
        await RunAsync(platform, queue);
    }

    /// <summary>Vacuums as the clock will say some time from now.</summary>
    private static Task<IReadOnlyList<VacuumResult>> VacuumAsync(PartsPlatform platform, VacuumMode mode, TimeSpan later) => new HistoryMaintenance(
        platform.Storage,
        platform.Platform.Store,
        new FakeTimeProvider(DateTimeOffset.UtcNow + later),
        Platform.Options,
        NullLogger<HistoryMaintenance>.Instance).VacuumAsync(platform.Platform.Definition, mode, Cancellation);

    /// <summary>Computes everything in parts of a date each; the result must be right, and nothing may be left behind.</summary>
    private static async Task RunAsync(PartsPlatform platform, ScriptedQueue queue, IArchiveSnapshot? pinned = null)
    {
        IArchiveSnapshot archive = pinned ?? await platform.PinAsync();
        ArchiveRange range = new(null, archive.End);
        FakeTimeProvider time = new();

        Task<Computation> running = Task.Run(
            () => platform.InPartsAsync(platform.Gatherer(queue, time), archive, range, PartsPlatform.ByDate(archive)), Cancellation);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(1), Cancellation));
        }

        Computation inParts = await running;
        PartsTests.Same(
            "in parts",
            ComputedText.Of(platform.Platform.Plan, await platform.AtOnceAsync(archive, range)),
            ComputedText.Of(platform.Platform.Plan, inParts));
        Assert.Empty(await platform.RunFilesAsync());
    }
}
