using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History.Maintenance;

/// <summary>Whatever step archive, checkpoint, compaction or vacuum are crashed at: nothing lost, nothing doubled, and the litter goes in the end.</summary>
public sealed class MaintenanceCrashTests
{
    private const int Runs = 11;
    private const int RowsPerRun = 3;

    [Fact]
    public async Task After_a_crash_at_any_step_all_rows_are_there_once_and_what_is_left_over_is_vacuumed()
    {
        using HistoryFixture beginning = new();
        MemoryStorage begun = new(beginning.Time);
        await AppendAsync(await beginning.OpenAsync(begun), Runs - 2);
        int crashes = 0;
        bool hasCrashed = true;
        for (int step = 0; hasCrashed; step++)
        {
            using HistoryFixture history = new();
            MemoryStorage memory = begun.Copy(history.Time);
            FaultyStorage faulty = new(memory, step);
            try
            {
                await WorkAsync(history, faulty);
            }
            catch (SimulatedCrashException)
            {
                crashes++;
            }

            hasCrashed = faulty.HasCrashed;
            HistoryTable seen = await history.OpenAsync(memory);
            HistoryFixture.AssertSame(Expected(seen.Current.EndOffset(0) ?? 0), await HistoryFixture.ReadAllAsync(seen));

            // The next process does all of it again, and a late vacuum leaves only what the table has.
            await WorkAsync(history, memory);
            history.Time.Advance(TimeSpan.FromDays(40));
            await TableRows.VacuumAsync(history, storage: memory);
            HistoryTable table = await history.OpenAsync(memory);
            HistoryFixture.AssertSame(Expected(Runs * RowsPerRun), await HistoryFixture.ReadAllAsync(table));
            Assert.Equal(
                table.Current.Table.Files.Select(file => $"{TableRows.Shape.Folder}/{DeltaPaths.Decode(file.Path)}").Order(StringComparer.Ordinal),
                memory.Names.Where(name => name.EndsWith(".zstd.parquet", StringComparison.Ordinal)));
        }

        Assert.True(crashes >= 50, $"Only {crashes} crashes.");
    }

    /// <summary>Archives past a checkpoint, compacts, and vacuums both replaced files and log.</summary>
    private static async Task WorkAsync(HistoryFixture history, IObjectStorage storage)
    {
        HistoryTable table = await history.OpenAsync(storage);
        await AppendAsync(table, Runs);
        await TableRows.CompactAsync(history, storage);
        history.Time.Advance(TimeSpan.FromDays(8));
        await TableRows.VacuumAsync(history, storage: storage);
    }

    private static async Task AppendAsync(HistoryTable table, int runs)
    {
        for (int run = 0; run < runs; run++)
        {
            long start = run * RowsPerRun;
            await table.AppendAsync(
                [Readings.ToBatch(RowsOf(run))], HistoryFixture.Range(0, start, start + RowsPerRun), TestContext.Current.CancellationToken);
        }
    }

    private static IEnumerable<Placed> Expected(long end) => Enumerable.Range(0, (int)end / RowsPerRun).SelectMany(RowsOf);

    /// <summary>Of one date, so that there is a file a run.</summary>
    private static List<Placed> RowsOf(int run) =>
    [
        .. Readings.Random(new Random(run), 0, new(run * RowsPerRun, (run + 1) * RowsPerRun), wild: false)
            .Select(row => row with { Event = row.Event with { At = DateTime.UnixEpoch.AddMinutes(row.Offset * 37 % 1000) } }),
    ];
}
