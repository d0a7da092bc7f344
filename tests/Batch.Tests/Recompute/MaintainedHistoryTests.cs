using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
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

    private static (RunOutcome Outcome, long Rows) Outcome(RunResult result) => (result.Outcome, result.Rows);
}
