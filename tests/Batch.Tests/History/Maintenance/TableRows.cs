using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Log;

namespace Lambda.Batch.Tests.History.Maintenance;

/// <summary>A history of readings that is looked after, and its rows as DuckDB sees them.</summary>
internal static class TableRows
{
    public const long Target = 16 << 20;

    public static readonly TableShape Shape = new("events", HistoryLayout.EventsOf(HistoryFixture.Stream), Readings.At.JsonName);

    /// <summary>Every column of every row of a version, in the order of positions.</summary>
    public static List<string> Of(HistoryFixture history, HistorySnapshot snapshot) => Of(history.DuckFiles(snapshot));

    /// <inheritdoc cref="Of(HistoryFixture, HistorySnapshot)"/>
    public static List<string> Of(string files) =>
    [
        .. Duck.Query($"SELECT rows::VARCHAR FROM read_parquet({files}, hive_partitioning = false, union_by_name = true) AS rows ORDER BY _partition, _offset")
            .Select(row => (string)row[0]!),
    ];

    /// <summary>Appends runs of one partition, some rows of which have all that a row can have.</summary>
    public static async Task AppendAsync(HistoryTable table, int partition, long start, int runs, int rowsPerRun = 40, bool wild = true)
    {
        for (int run = 0; run < runs; run++)
        {
            OffsetRange range = new(start + (run * rowsPerRun), start + ((run + 1) * rowsPerRun));
            await table.AppendAsync(
                [Readings.ToBatch(Readings.Random(new Random((partition * 1000) + (int)range.Start), partition, range, wild))],
                HistoryFixture.Range(partition, range.Start, range.End),
                TestContext.Current.CancellationToken);
        }
    }

    public static async Task<CompactionResult> CompactAsync(
        HistoryFixture history, IObjectStorage? storage = null, long target = Target, TableShape? shape = null, SemaphoreSlim? turn = null)
    {
        using SemaphoreSlim own = new(1, 1);
        return await new TableCompactor(storage ?? history.Storage, shape ?? Shape, target, turn ?? own, history.Time)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    public static Task<VacuumResult> VacuumAsync(
        HistoryFixture history, IReadOnlyCollection<long>? pinned = null, VacuumMode mode = VacuumMode.Delete, IObjectStorage? storage = null) =>
        new TableVacuum(storage ?? history.Storage, Shape, history.Time)
            .RunAsync(TimeSpan.FromDays(7), pinned ?? [], mode, TestContext.Current.CancellationToken);

    /// <summary>The data files in the folder, whether the table knows them or not.</summary>
    public static string[] FilesOnDisk(HistoryFixture history) =>
        Directory.GetFiles(Path.Combine(history.Folder, HistoryFixture.Stream, "events"), "*.parquet", SearchOption.AllDirectories)
            .Where(path => !path.Contains(DeltaPaths.LogFolder, StringComparison.Ordinal)).ToArray();
}
