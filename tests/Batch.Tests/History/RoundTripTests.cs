using Lambda.Batch.History;
using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Reading;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Tests.History;

public sealed class RoundTripTests
{
    [Fact]
    public async Task Random_runs_come_back_as_they_were_in_both_forms_of_strings()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            Random random = new(seed);
            using HistoryFixture history = new();
            HistoryTable table = await history.OpenAsync();
            List<Placed> all = [];
            long[] ends = new long[3];
            for (int run = random.Next(1, 4); run > 0; run--)
            {
                Dictionary<int, OffsetRange> ranges = [];
                List<HistoryBatch> batches = [];
                for (int partition = 0; partition < ends.Length; partition++)
                {
                    ranges[partition] = new OffsetRange(ends[partition], ends[partition] += random.Next(1, 900));
                    List<Placed> events = Readings.Random(random, partition, ranges[partition], wild: true);
                    all.AddRange(events);
                    batches.AddRange(events.Chunk(random.Next(1, 500)).Select(chunk => Readings.ToBatch(chunk, Form(random))));
                }

                AppendResult result = await table.AppendAsync(batches, ranges, TestContext.Current.CancellationToken);
                Assert.Equal(batches.Sum(batch => batch.Events.Count), result.Rows);
            }

            try
            {
                HistoryTable reopened = await history.OpenAsync();
                HistoryFixture.AssertSame(all, await HistoryFixture.ReadAllAsync(reopened));
                HistoryFixture.AssertSame(all, await HistoryFixture.ReadAllAsync(reopened, Projection.Of(Readings.Schema, Readings.Schema.Members)));
                Assert.Equal(ends, reopened.Current.EndOffsets(3).Offsets);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}.", e);
            }
        }
    }

    [Fact]
    public async Task A_scan_takes_only_rows_below_the_boundary_and_in_the_time_range()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        Random random = new(7);
        List<Placed> all = [];
        for (int partition = 0; partition < 3; partition++)
        {
            List<Placed> events = Readings.Random(random, partition, new OffsetRange(0, 20_000), wild: false);
            all.AddRange(events);
            await table.AppendAsync(
                [Readings.ToBatch(events)], HistoryFixture.Range(partition, 0, 20_000), TestContext.Current.CancellationToken);
        }

        Boundary boundary = new([15_000, 0]);
        EventTimeRange range = new(979_430_400_000_000 + 1, 979_430_400_000_000 + 40_000_000_000);
        List<Placed> expected =
        [
            .. all.Where(row => row.Partition < 2 && row.Offset < boundary[row.Partition]
                && Time.UtcMicroseconds.FromDateTime(row.Event.At) is var time && time >= range.Start && time < range.End),
        ];
        Assert.NotEmpty(expected);
        HistoryFixture.AssertSame(expected, await HistoryFixture.ReadAllAsync(table, boundary: boundary, range: range));

        Assert.Single(table.Current.Files, new RowFilter(null, boundary, range).MayTake);
        Assert.Equal(9, table.Current.Files.Count);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(77)]
    public async Task Only_what_is_asked_of_records_is_read_and_the_same_rows_are(long below)
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = Readings.Random(new Random(3), 0, new OffsetRange(0, 100), wild: false);
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 100), TestContext.Current.CancellationToken);
        foreach (RecordFields fields in (RecordFields[])[RecordFields.None, RecordFields.Position, RecordFields.AppendTime, RecordFields.All])
        {
            List<(string, long, long)> read = [];
            await foreach (EventBatch batch in HistoryFixture.ReadAsync(table, Projection.Everything(Readings.Schema), new Boundary([below]), fields: fields))
            {
                read.AddRange(Readings.FromBatch(batch).Select(row => (row.Event.Id!, row.Offset, row.AppendedAt)));
            }

            // A file of which some rows are left out is told by positions, so these are read anyway.
            bool hasPositions = fields.HasFlag(RecordFields.Position) || below < 100;
            Assert.Equal(
                events.Where(row => row.Offset < below)
                    .Select(row => (row.Event.Id!, hasPositions ? row.Offset : 0, fields.HasFlag(RecordFields.AppendTime) ? row.AppendedAt : 0)).Order(),
                read.Order());
        }
    }

    [Fact]
    public async Task Event_times_come_where_they_are_asked_for()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        List<Placed> events = Readings.Random(new Random(4), 0, new OffsetRange(0, 100), wild: false);
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 100), TestContext.Current.CancellationToken);
        foreach (RecordFields fields in (RecordFields[])[RecordFields.None, RecordFields.Position, RecordFields.EventTime, RecordFields.All])
        {
            List<long> times = [];
            Projection nothing = Projection.Of(Readings.Schema, []);
            await foreach (EventBatch batch in HistoryFixture.ReadAsync(table, nothing, new Boundary([100]), fields: fields))
            {
                times.AddRange(batch.EventTimes.AsSpan(0, batch.Count));
            }

            bool haveTimes = fields.HasFlag(RecordFields.EventTime);
            Assert.Equal(events.Select(row => haveTimes ? Time.UtcMicroseconds.FromDateTime(row.Event.At) : 0).Order(), times.Order());
        }
    }

    [Fact]
    public async Task Rows_of_several_row_groups_come_back_in_order_of_event_time()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        Reading template = Readings.Random(new Random(1), 0, new OffsetRange(0, 20), wild: false)[0].Event;
        List<Placed> events =
        [
            .. Enumerable.Range(0, 130_000).Select(i => new Placed(
                0, i, i, template with { At = DateTime.UnixEpoch.AddMicroseconds((i * 7919L) % 86_400_000_000), Id = $"id-{i}" }, null)),
        ];
        await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(0, 0, 130_000), TestContext.Current.CancellationToken);

        List<Placed> read = await HistoryFixture.ReadAllAsync(table);
        Assert.Equal(events.OrderBy(row => row.Event.At).Select(row => row.Event.Id), read.Select(row => row.Event.Id));
        object? groups = Duck.Query($"SELECT count(DISTINCT row_group_id) FROM parquet_metadata({history.DuckFiles(table.Current)})")[0][0];
        Assert.Equal(2L, groups);
    }

    [Fact]
    public async Task A_run_in_which_every_record_was_refused_still_moves_the_end()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        AppendResult result = await table.AppendAsync([], HistoryFixture.Range(4, 0, 10), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (result.Rows, result.Files));
        Assert.Equal(10, (await history.OpenAsync()).Current.EndOffset(4));
        Assert.Null(table.Current.EndOffset(0));
    }

    private static Projection Form(Random random) =>
        random.Next(2) == 0 ? Projection.Everything(Readings.Schema) : Projection.Of(Readings.Schema, Readings.Schema.Members);
}
