using Lambda.Batch.Archive;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Recompute;

public class MaintainedHistoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(51, LogShape.Dense)]
    [InlineData(52, LogShape.Sparse)]
    public async Task Compaction_and_vacuum_change_no_result_and_keep_what_generations_were_computed_from(int seed, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving), OracleTests.Starts(shape));
        RandomOrders orders = new(seed, platform, shape);
        await platform.StartSpeedAsync();
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        FakeTimeProvider later = new(DateTimeOffset.UtcNow);
        HistoryMaintenance maintenance = new(storage, platform.Store, later, Platform.Options, NullLogger<HistoryMaintenance>.Instance);
        int removed = 0;
        for (int round = 0; round < 4; round++)
        {
            orders.Append(60);
            await platform.CatchUpSpeedAsync();
            RunResult result = await platform.RecomputeAsync();
            Assert.True(result.Outcome == RunOutcome.Published, $"seed {seed}, round {round}: {result.Message}");
            await OracleTests.AssertServesOracleAsync(platform, orders, seed);
            Assert.All(result.Report!.Checks, check => Assert.Equal(CheckVerdict.Passed, check.Verdict));

            IReadOnlyList<CompactionResult> compacted = await maintenance.CompactAsync(platform.Stream(), Cancellation);
            removed += compacted.Sum(table => table.Removed);
            later.Advance(TimeSpan.FromDays(40));
            await maintenance.VacuumAsync(platform.Definition, VacuumMode.Delete, Cancellation);
        }

        Assert.True(removed > 10, $"seed {seed}: only {removed} files were put together");
        Assert.Equal(Outcome(await platform.RecomputeAsync()), Outcome(await platform.RecomputeAsync()));
        await OracleTests.AssertServesOracleAsync(platform, orders, seed);
        TableShape events = TableShape.EventsOf(platform.Definition);
        Lambda.Batch.History.Delta.DeltaLog log = new(storage, events.Folder, TimeProvider.System);
        IReadOnlyList<GenerationInfo> kept = await platform.Store.ReadGenerationsAsync(Orders.Stream, 100, Cancellation);
        Assert.True(kept.Count >= 4);
        foreach (GenerationInfo generation in kept)
        {
            Lambda.Batch.History.Delta.DeltaSnapshot version = await log.ReadAsync(generation.HistoryVersion, Cancellation);
            Assert.All(version.Files, file => Assert.True(File.Exists(storage.Describe($"{events.Folder}/{file.Path}"))));
        }
    }

    /// <summary>A run may take longer than replaced files stay. It reads these tables last; those of its version were gone then.</summary>
    [Fact]
    public async Task A_run_that_takes_longer_than_replaced_files_stay_reads_the_tables_beside_the_events_all_the_same()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving), OracleTests.Starts(LogShape.Sparse));
        RandomOrders orders = new(53, platform, LogShape.Sparse);
        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        for (int round = 0; round < 3; round++)
        {
            orders.Append(20);
            orders.AppendUndecodable();
            await archiver.ArchiveAsync(platform.Stream(), await platform.LogEndAsync(), Cancellation);
            await platform.DeleteAsync($"id = '{orders.Logged[round].Order.Id}'");
        }

        IArchiveSnapshot pinned = await platform.Archive.PinAsync(Cancellation);
        string before = await ReadBesideAsync(pinned);
        LocalObjectStorage storage = new(Path.Combine(platform.Folder, "history"));
        FakeTimeProvider later = new(DateTimeOffset.UtcNow);
        HistoryMaintenance maintenance = new(storage, platform.Store, later, Platform.Options, NullLogger<HistoryMaintenance>.Instance);
        await maintenance.CompactAsync(platform.Stream(), Cancellation);
        later.Advance(Platform.Options.HistoryRetention + TimeSpan.FromDays(1));
        IReadOnlyList<VacuumResult> vacuumed = await maintenance.VacuumAsync(platform.Definition, VacuumMode.Delete, Cancellation);

        Assert.All(vacuumed, table => Assert.NotEmpty(table.Files));
        Assert.Equal(4, vacuumed.Count);
        Assert.Equal(before, await ReadBesideAsync(pinned));
    }

    private static async Task<string> ReadBesideAsync(IArchiveSnapshot snapshot)
    {
        List<string> rows = [];
        await foreach (LogPosition position in snapshot.ReadQuarantinedPositionsAsync(snapshot.End, Cancellation))
        {
            rows.Add($"refused {position}");
        }

        await foreach (QuarantinedRecord record in snapshot.ReadQuarantineAsync(snapshot.Start, snapshot.End, Cancellation))
        {
            rows.Add($"refused {record.Partition} {record.Offset} {record.Detail}");
        }

        await foreach (LogVoid found in snapshot.ReadVoidsAsync(snapshot.End, Cancellation))
        {
            rows.Add($"void {found}");
        }

        await foreach (LogVoid deleted in snapshot.ReadDeletionsAsync(snapshot.End, Cancellation))
        {
            rows.Add($"deleted {deleted}");
        }

        return string.Join('\n', rows.Order(StringComparer.Ordinal));
    }

    private static (RunOutcome Outcome, long Rows) Outcome(RunResult result) => (result.Outcome, result.Rows);
}
