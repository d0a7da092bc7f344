using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Events;
using Lambda.Log;

namespace Lambda.Batch.Tests.History.Maintenance;

public sealed class CompactionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_stays_as_another_reader_sees_it_in_fewer_files_sorted_by_time()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await TableRows.AppendAsync(table, 0, 0, runs: 4);
        await TableRows.AppendAsync(table, 1, 0, runs: 4);
        HistorySnapshot before = table.Current;
        List<string> rows = TableRows.Of(history, before);
        MustTellOffsets(history, before);

        CompactionResult result = await TableRows.CompactAsync(history);

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        MustTellOffsets(history, after);
        Assert.Equal(rows, TableRows.Of(history, after));
        Assert.Equal(before.Files.Select(file => file.Date).Distinct().Count(), after.Files.Count);
        Assert.Equal(before.Files.Count - result.Removed + result.Added, after.Files.Count);
        Assert.True(result.Removed > result.Added && result.Left.Count == 0);
        Assert.All(after.Table.Files, file => MustBeSorted(history, file));

        // Whoever has pinned the version before finds it as it was, and this platform's own reader reads both.
        Assert.Equal(rows, TableRows.Of(history, before));
        List<Placed> own = await HistoryFixture.ReadAllAsync(table);
        Assert.Equal(rows.Count, own.Count);
        Assert.Equal(before.EndOffsets(2), after.EndOffsets(2));
    }

    [Fact]
    public async Task Statistics_of_merged_files_are_those_of_the_files_that_a_single_append_writes()
    {
        using HistoryFixture parts = new();
        using HistoryFixture whole = new();
        HistoryTable one = await whole.OpenAsync();
        HistoryTable many = await parts.OpenAsync();
        List<Placed> events = Readings.Random(new Random(5), 0, new OffsetRange(0, 300), wild: true);
        await one.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 300), Cancellation);
        for (long start = 0; start < 300; start += 60)
        {
            await many.AppendAsync(
                [Readings.ToBatch([.. events.Where(row => row.Offset >= start && row.Offset < start + 60)])],
                HistoryFixture.Range(0, start, start + 60),
                Cancellation);
        }

        await TableRows.CompactAsync(parts);

        HistorySnapshot merged = await many.RefreshAsync(Cancellation);
        Assert.Equal(
            one.Current.Table.Files.Select(file => (file.PartitionValues["_date"], file.Stats)).Order(),
            merged.Table.Files.Select(file => (file.PartitionValues["_date"], file.Stats)).Order());
        Assert.All(merged.Table.Files, file => Assert.False(file.DataChange));
    }

    [Fact]
    public async Task Files_come_close_to_the_target_and_are_then_left_alone()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        for (int run = 0; run < 8; run++)
        {
            List<Placed> events =
            [
                .. Readings.Random(new Random(run), 0, new OffsetRange(run * 500, (run + 1) * 500), wild: false)
                    .Select(row => row with { Event = row.Event with { At = DateTime.UnixEpoch.AddSeconds((row.Offset * 7919) % 86_000) } }),
            ];
            await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, run * 500, (run + 1) * 500), Cancellation);
        }

        long target = table.Current.Table.Files.Sum(file => file.Size) / 3;
        List<string> rows = TableRows.Of(history, table.Current);
        await TableRows.CompactAsync(history, target: target);

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        Assert.Equal(rows, TableRows.Of(history, after));
        Assert.InRange(after.Files.Count, 2, 4);
        CompactionResult again = await TableRows.CompactAsync(history, target: target);
        Assert.Equal((0, 0), (again.Removed, again.Added));
    }

    [Fact]
    public async Task Rows_that_take_several_row_groups_are_sorted_through_all_of_them()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        const int RowsPerRun = 80_000;
        for (int run = 0; run < 2; run++)
        {
            OffsetRange range = new(run * RowsPerRun, (run + 1) * RowsPerRun);
            List<Placed> events =
            [
                .. Readings.Random(new Random(run), 0, range, wild: false)
                    .Select(row => row with { Event = row.Event with { At = DateTime.UnixEpoch.AddMilliseconds((row.Offset * 7919) % 86_000_000) } }),
            ];
            await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, range.Start, range.End), Cancellation);
        }

        List<string> rows = TableRows.Of(history, table.Current);
        await TableRows.CompactAsync(history);

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        AddFile file = Assert.Single(after.Table.Files);
        Assert.Equal(2L, Duck.Query($"SELECT max(row_group_id) + 1 FROM parquet_metadata('{history.PathOf(file)}')")[0][0]);
        Assert.Equal(rows, TableRows.Of(history, after));
        MustBeSorted(history, file);
        MustTellOffsets(history, after);
    }

    /// <summary>Archiving holds the same turn, so that only one of both has many rows in memory.</summary>
    [Fact]
    public async Task A_group_is_put_together_in_turn_and_the_turn_is_given_back_between_groups()
    {
        using HistoryFixture history = new();
        using SemaphoreSlim turn = new(1, 1);
        HistoryTable table = await history.OpenAsync();
        await TableRows.AppendAsync(table, 0, 0, runs: 4);
        int free = 1;
        InterruptedStorage storage = new(history.Storage, $"{TableRows.Shape.Folder}/_delta_log/", () =>
        {
            free = turn.CurrentCount;
            return Task.CompletedTask;
        });

        await TableRows.CompactAsync(history, storage, turn: turn);

        Assert.True(storage.WasInterrupted);
        Assert.Equal((0, 1), (free, turn.CurrentCount));
    }

    [Fact]
    public async Task Objects_and_arrays_stay_as_they_are()
    {
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        Random random = new(8);
        Projection all = Projection.Everything(table.Schema);
        for (int run = 0; run < 6; run++)
        {
            await Baskets.AppendAsync(table, [.. Enumerable.Range(run * 30, 30).Select(i => Baskets.Random(random, i))], run * 30, all);
        }

        List<string> rows = TableRows.Of(FilesOf(history, table.Current));
        TableShape shape = new("events", "baskets/events", "at");
        CompactionResult result = await TableRows.CompactAsync(history, shape: shape);

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        Assert.True(result.Added < result.Removed && after.Files.Count == result.Added);
        Assert.Equal(rows, TableRows.Of(FilesOf(history, after)));
    }

    [Fact]
    public async Task Objects_and_arrays_that_another_program_has_written_stay_as_they_are()
    {
        using HistoryFixture history = new();
        HistoryTable table = await Baskets.OpenAsync(history);
        Random random = new(9);
        Projection all = Projection.Everything(table.Schema);
        for (int run = 0; run < 4; run++)
        {
            await Baskets.AppendAsync(table, [.. Enumerable.Range(run * 30, 30).Select(i => Baskets.Random(random, i))], run * 30, all);
        }

        List<string> rows = TableRows.Of(FilesOf(history, table.Current));
        await ForeignFiles.RewriteAsync(history.Storage, "baskets/events", table.Current.Table, table.Current.Table.Files);
        HistorySnapshot rewritten = await table.RefreshAsync(Cancellation);
        Assert.Equal(rows, TableRows.Of(FilesOf(history, rewritten)));

        CompactionResult result = await TableRows.CompactAsync(history, shape: new("events", "baskets/events", "at"));

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        Assert.Empty(result.Left);
        Assert.True(result.Added < result.Removed && after.Files.Count == result.Added);
        Assert.Equal(rows, TableRows.Of(FilesOf(history, after)));
    }

    [Fact]
    public async Task Files_from_before_and_after_members_were_added_at_any_depth_become_one()
    {
        using HistoryFixture history = new();
        await NestedSchemaChangeTests.AppendAsync<NestedSchemaChangeTests.Before>(history, NestedSchemaChangeTests.First, 0);
        HistoryTable table = await NestedSchemaChangeTests.AppendAsync<NestedSchemaChangeTests.After>(history, NestedSchemaChangeTests.Second, 1);
        List<string> rows = TableRows.Of(FilesOf(history, table.Current, "s"));

        TableShape shape = new("events", "s/events", "at");
        await TableRows.CompactAsync(history, shape: shape);

        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        Assert.Single(after.Files);
        Assert.Equal(rows, TableRows.Of(FilesOf(history, after, "s")));
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public async Task Compactors_and_appenders_at_once_keep_every_row_once()
    {
        using HistoryFixture history = new();
        HistoryTable first = await history.OpenAsync();
        await TableRows.AppendAsync(first, 0, 0, runs: 5, wild: false);
        await Task.WhenAll(
            Task.Run(async () => await TableRows.AppendAsync(await history.OpenAsync(), 1, 0, runs: 12, wild: false), Cancellation),
            Task.Run(async () => await TableRows.AppendAsync(await history.OpenAsync(), 2, 0, runs: 12, wild: false), Cancellation),
            CompactManyTimesAsync(history),
            CompactManyTimesAsync(history));

        HistoryTable table = await history.OpenAsync();
        List<object?[]> counted = Duck.Query(
            $"SELECT count(*), count(DISTINCT (_partition, _offset)) FROM read_parquet({history.DuckFiles(table.Current)})");
        long expected = Enumerable.Range(0, 3).Sum(partition => (long)ExpectedRows(partition, partition == 0 ? 5 : 12));
        Assert.Equal([expected, expected], counted[0]);
        Assert.Equal([200, 480, 480], table.Current.EndOffsets(3).Offsets);

        static Task CompactManyTimesAsync(HistoryFixture history) => Task.Run(
            async () =>
            {
                for (int i = 0; i < 6; i++)
                {
                    await TableRows.CompactAsync(history);
                }
            },
            Cancellation);

        static int ExpectedRows(int partition, int runs) => Enumerable.Range(0, runs).Sum(run =>
            Readings.Random(new Random((partition * 1000) + (run * 40)), partition, new OffsetRange(run * 40, (run + 1) * 40), wild: false).Count);
    }

    /// <summary>Most writers declare every column as one that may be null.</summary>
    [Theory]
    [InlineData("*", null)]
    [InlineData("* REPLACE (_partition::BIGINT AS _partition)", "its column '_partition' has another form than the table's")]
    [InlineData("*, 1 AS more", "it has a column 'more' that the table does not have")]
    public async Task A_file_of_another_writer_is_put_together_with_others_or_left_and_told_why(string columns, string? problem)
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        await TableRows.AppendAsync(table, 0, 0, runs: 3, wild: false);
        AddFile victim = table.Current.Table.Files.First();
        await ForeignFiles.RewriteAsync(history.Storage, TableRows.Shape.Folder, table.Current.Table, [victim], columns);
        string path = $"{victim.Path}.foreign.parquet";
        List<string> rows = TableRows.Of(history, await table.RefreshAsync(Cancellation));

        CompactionResult result = await TableRows.CompactAsync(history);

        Assert.Equal(problem is null ? [] : [$"{path}: {problem}"], result.Left);
        HistorySnapshot after = await table.RefreshAsync(Cancellation);
        Assert.Equal(problem is not null, after.Table.Files.Any(file => file.Path == path));
        Assert.Equal(rows, TableRows.Of(history, after));
        Assert.True(result.Added > 0);
    }

    private static string FilesOf(HistoryFixture history, HistorySnapshot snapshot, string stream = "baskets") => Duck.List(
        snapshot.Table.Files.Select(file => history.Storage.Describe($"{stream}/events/{DeltaPaths.Decode(file.Path)}")));

    private static void MustBeSorted(HistoryFixture history, AddFile file) => Assert.Equal(
        0L,
        Duck.Query(
            $"""
            SELECT count(*) FROM (SELECT "at" AS t, lag("at") OVER (ORDER BY file_row_number) AS earlier
            FROM read_parquet('{history.PathOf(file)}', file_row_number = true)) WHERE earlier > t
            """)[0][0]);

    /// <summary>Of every file the log tells between which offsets its rows of each partition lie.</summary>
    private static void MustTellOffsets(HistoryFixture history, HistorySnapshot snapshot) => Assert.All(snapshot.Files, file => Assert.Equal(
        Duck.Query(
            $"SELECT _partition, min(_offset), max(_offset) + 1 FROM read_parquet('{history.PathOf(file.Action)}', hive_partitioning = false) GROUP BY ALL")
            .ToDictionary(row => (int)row[0]!, row => new OffsetRange((long)row[1]!, (long)row[2]!)),
        Enumerable.Range(0, 10).Where(partition => file.OffsetsIn(partition) is not null).ToDictionary(partition => partition, partition => file.OffsetsIn(partition)!.Value)));
}
