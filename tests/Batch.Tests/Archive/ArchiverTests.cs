using Lambda.Batch.Archive;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.TestSupport.Crashes;
using Lambda.Time;

namespace Lambda.Batch.Tests.Archive;

public class ArchiverTests
{
    private static StreamArchiver ArchiverOf(Platform platform, IEventLog log) => new(log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);

    private static void Append(MemoryLog log, int from, int to, long appendedAt)
    {
        for (int i = from; i < to; i++)
        {
            log.Append(Orders.Stream, 0, appendedAt, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1).ToJson());
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, LogShape.Dense)]
    [InlineData(7, LogShape.Dense)]
    [InlineData(1_000_000, LogShape.Dense)]
    [InlineData(1, LogShape.Sparse)]
    [InlineData(7, LogShape.Sparse)]
    [InlineData(1_000_000, LogShape.Sparse)]
    public async Task What_is_archived_does_not_depend_on_how_runs_are_cut(int recordsPerRun, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(shape));
        RandomOrders orders = new(recordsPerRun, platform, shape);
        orders.Append(40);
        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options with { ArchiveRunRecords = recordsPerRun }, TimeProvider.System, platform.Metrics);

        ArchiveResult result = await archiver.ArchiveAsync(platform.Stream(), await EndAsync(archiver, platform), Cancellation);

        Assert.Equal((orders.Logged.Count, orders.UndecodableCount), (result.Events, result.Rejected));
        Assert.Equal(
            orders.Logged.Select(placed => (placed.Partition, placed.Offset, placed.Order.Id)).Order(), (await ReadAsync(platform)).Order());
        Assert.Equal(0, (await archiver.ArchiveAsync(platform.Stream(), result.End, Cancellation)).Events);
        Assert.Equal(await platform.LogEndAsync(), result.End);
        await AssertEveryOffsetOnceAsync(platform);
    }

    [Fact]
    public async Task Archiving_stops_at_the_offsets_it_was_given()
    {
        await using Platform platform = await Platform.CreateAsync();
        RandomOrders orders = new(9, platform);
        orders.Append(60);
        Boundary some = new([3, 0, 5]);

        ArchiveResult result = await new StreamArchiver(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics)
            .ArchiveAsync(platform.Stream(), some, Cancellation);

        Assert.Equal(some, result.End);
        Assert.All(await ReadAsync(platform), row => Assert.True(row.Offset < some[row.Partition]));
    }

    [Theory]
    [InlineData(CrashMoment.BeforeCall, LogShape.Dense)]
    [InlineData(CrashMoment.AfterCall, LogShape.Dense)]
    [InlineData(CrashMoment.BeforeCall, LogShape.Sparse)]
    [InlineData(CrashMoment.AfterCall, LogShape.Sparse)]
    public async Task Nothing_is_lost_or_doubled_by_a_crash_between_quarantine_and_events_even_when_runs_are_cut_anew(CrashMoment moment, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(shape));
        RandomOrders orders = new(11, platform, shape);
        int crashes = 0;
        for (int i = 0; i < 12; i++)
        {
            orders.Append(15);
            orders.AppendUndecodable();
            DoomedProcess doomed = Crashes.At(2 + (i % 4), moment);
            BatchOptions options = Platform.Options with { ArchiveRunRecords = 5 + (i * 3) };
            StreamArchiver crashing = new(platform.Log, platform.Store, options, TimeProvider.System, platform.Metrics);
            using IStreamArchive archive = await platform.OpenArchiveAsync();
            Exception? crash = await Record.ExceptionAsync(
                async () => await crashing.ArchiveAsync(platform.Stream(doomed.Wrap(archive)), await EndAsync(crashing, platform), Cancellation));
            crashes += crash is InjectedCrashException ? 1 : 0;
        }

        Assert.True(crashes >= 8, $"Only {crashes} crashes.");

        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        await archiver.ArchiveAsync(platform.Stream(), await EndAsync(archiver, platform), Cancellation);

        Assert.Equal(
            orders.Logged.Select(placed => (placed.Partition, placed.Offset, placed.Order.Id)).Order(), (await ReadAsync(platform)).Order());
        IArchiveSnapshot snapshot = await platform.Archive.PinAsync(Cancellation);
        List<LogPosition> quarantined = [];
        await foreach (LogPosition position in snapshot.ReadQuarantinedPositionsAsync(snapshot.End, Cancellation))
        {
            quarantined.Add(position);
        }

        Assert.Equal(orders.UndecodableCount, quarantined.Count);
        Assert.Equal(orders.UndecodableCount, quarantined.Distinct().Count());
        await AssertEveryOffsetOnceAsync(platform);
    }

    /// <summary>It was in quarantine and among the events then, which blocked every run.</summary>
    [Fact]
    public async Task A_record_that_a_program_refused_before_it_crashed_is_not_archived_as_an_event_by_one_that_can_decode_it()
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 4; i++)
        {
            platform.Append(1, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1));
        }

        await platform.CatchUpSpeedAsync();
        QuarantinedRecord refused = new(
            Orders.Stream, 1, 2, Platform.Appended, RejectReason.Malformed, "As an older program saw it.", Array.Empty<byte>(), Array.Empty<byte>());
        await platform.Archive.AppendQuarantineAsync([refused], new Dictionary<int, OffsetRange> { [1] = new OffsetRange(0, 3) }, Cancellation);

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        await AssertEveryOffsetOnceAsync(platform);
        Assert.Equal([0L, 1, 3], (await ReadAsync(platform)).Select(row => row.Offset).Order());
    }

    /// <summary>It was in quarantine no more than among the events then, which blocked every run. Another process that archives meanwhile may have the same rules.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_that_a_program_took_for_an_event_before_it_crashed_is_quarantined_once_by_those_that_refuse_it(bool isOvertaken)
    {
        await using Platform platform = await Platform.CreateAsync();
        platform.Append(1, "{"u8.ToArray());
        platform.Append(1, new Order("o1", Orders.Day, "ams", 20, 1, 1));
        platform.Append(1, "{"u8.ToArray());
        platform.Append(1, "{"u8.ToArray());
        QuarantinedRecord refused = new(
            Orders.Stream, 1, 0, Platform.Appended, RejectReason.Malformed, "As an older program saw it, too.", Array.Empty<byte>(), "{"u8.ToArray());
        await platform.Archive.AppendQuarantineAsync([refused], new Dictionary<int, OffsetRange> { [1] = new OffsetRange(0, 3) }, Cancellation);
        using IStreamArchive other = await platform.OpenArchiveAsync();
        QuarantinedRecord missed = refused with { Offset = 2 };
        IStreamArchive archive = isOvertaken
            ? Overtaken<IStreamArchive>.Of(
                platform.Archive, nameof(IStreamArchive.AddToQuarantineAsync), async () => await other.AddToQuarantineAsync([missed], Cancellation))
            : platform.Archive;

        RunResult result = await platform.RecomputeAsync(archive: archive);

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        await AssertEveryOffsetOnceAsync(platform);
        Assert.Equal([1L], (await ReadAsync(platform)).Select(row => row.Offset));
        await other.AddToQuarantineAsync([refused, missed], Cancellation);
        await AssertEveryOffsetOnceAsync(platform);
    }

    /// <summary>An archive job and a run of two processes begin at the same minute, and the log has grown in between.</summary>
    [Theory]
    [InlineData(nameof(IStreamArchive.AppendQuarantineAsync), LogShape.Dense)]
    [InlineData(nameof(IStreamArchive.AppendVoidsAsync), LogShape.Sparse)]
    [InlineData(nameof(IStreamArchive.AppendAsync), LogShape.Dense)]
    [InlineData(nameof(IStreamArchive.AppendAsync), LogShape.Sparse)]
    public async Task One_that_another_process_has_overtaken_goes_on_behind_it(string overtaken, LogShape shape)
    {
        await using Platform platform = await Platform.CreateAsync(starts: OracleTests.Starts(shape));
        RandomOrders orders = new(13, platform, shape);
        orders.Append(20);
        orders.AppendUndecodable();
        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        Boundary before = await platform.LogEndAsync();
        orders.Append(20);
        orders.AppendUndecodable();
        using IStreamArchive other = await platform.OpenArchiveAsync();
        IStreamArchive archive = Overtaken<IStreamArchive>.Of(
            platform.Archive, overtaken, () => archiver.ArchiveAsync(platform.Stream(other), before, Cancellation));

        ArchiveResult result = await archiver.ArchiveAsync(platform.Stream(archive), await EndAsync(archiver, platform), Cancellation);

        Assert.Equal(await platform.LogEndAsync(), result.End);
        Assert.Equal(
            orders.Logged.Select(placed => (placed.Partition, placed.Offset, placed.Order.Id)).Order(), (await ReadAsync(platform)).Order());
        await AssertEveryOffsetOnceAsync(platform);
    }

    /// <summary>What one process has archived may be trimmed before another one reads it.</summary>
    [Fact]
    public async Task What_was_archived_and_trimmed_meanwhile_is_not_lost()
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 10; i++)
        {
            platform.Append(0, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1));
        }

        using IStreamArchive other = await platform.OpenArchiveAsync();
        IEventLog log = Overtaken<IEventLog>.Of(platform.Log, nameof(IEventLog.ReadAsync), async () =>
        {
            await new StreamArchiver(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics)
                .ArchiveAsync(platform.Stream(other), new Boundary([8, 0, 0]), Cancellation);
            await platform.Log.TrimAsync(Orders.Stream, 0, 8, Cancellation);
        });

        ArchiveResult result = await new StreamArchiver(log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics)
            .ArchiveAsync(platform.Stream(), new Boundary([10, 0, 0]), Cancellation);

        Assert.Equal(2, result.Events);
        Assert.Equal(10, (await ReadAsync(platform)).Count);
    }

    [Fact]
    public async Task A_log_that_was_made_anew_is_not_archived_behind_the_one_before()
    {
        // Commits are made after what they hold was appended.
        long commitAge = UtcMicroseconds.From(DateTimeOffset.UtcNow) - Platform.Appended;
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 10; i++)
        {
            platform.Append(0, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1));
        }

        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        await platform.StartSpeedAsync();
        await platform.SpeedAsync(0, 6, EpochEnd.KeepOpen);
        await archiver.ArchiveAsync(platform.Stream(), new Boundary([6, 0, 0]), Cancellation);
        platform.Log.Postpone(Orders.Stream, 0, commitAge + UtcMicroseconds.From(TimeSpan.FromHours(1)));

        await Assert.ThrowsAsync<LogReplacedException>(async () => await archiver.ArchiveAsync(platform.Stream(), new Boundary([10, 0, 0]), Cancellation));

        Assert.Equal(6, (await ReadAsync(platform)).Count);
    }

    /// <summary>
    /// <code>
    /// history   | 0 1 2 3 4 5 |          of which the last two were a record that is none, and nothing
    /// log       | 0 1 | 2' 3' 4' 5' 6'   restored from a copy with two records, and grown again to so many
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_log_that_was_restored_from_an_older_copy_is_not_archived_behind_what_it_had(int records)
    {
        await using Platform platform = await Platform.CreateAsync();
        Append(platform.Log, from: 0, to: 4, Platform.Appended);
        platform.Log.Append(Orders.Stream, 0, Platform.Appended, "{"u8.ToArray());
        platform.Append(0, new Order("o5", Orders.Day, "ams", 20, 1, 1));
        StreamArchiver archiver = ArchiverOf(platform, platform.Log);
        await archiver.ArchiveAsync(platform.Stream(), new Boundary([6, 0, 0]), Cancellation);

        MemoryLog restored = new();
        await restored.EnsureStreamAsync(Orders.Stream, Orders.Partitions, Cancellation);
        Append(restored, from: 0, to: 2, Platform.Appended);
        Append(restored, from: 2, to: records, Platform.Appended + 1);
        StreamArchiver again = ArchiverOf(platform, restored);

        for (int attempt = 0; attempt < 2; attempt++)
        {
            LogReplacedException refused = await Assert.ThrowsAsync<LogReplacedException>(
                async () => await again.ArchiveAsync(platform.Stream(), new Boundary([records, 0, 0]), Cancellation));
            Assert.Contains("archived", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(5, (await ReadAsync(platform)).Count);
    }

    [Fact]
    public async Task A_log_that_is_as_it_was_is_archived_on_whatever_its_history_ends_with_and_whatever_retention_has_taken()
    {
        await using Platform platform = await Platform.CreateAsync();
        Append(platform.Log, from: 0, to: 3, Platform.Appended);
        platform.Log.Append(Orders.Stream, 0, Platform.Appended, "{"u8.ToArray());
        await ArchiverOf(platform, platform.Log).ArchiveAsync(platform.Stream(), new Boundary([4, 0, 0]), Cancellation);
        platform.Append(0, new Order("o4", Orders.Day, "ams", 20, 1, 1));

        Assert.Equal(1, (await ArchiverOf(platform, platform.Log).ArchiveAsync(platform.Stream(), new Boundary([5, 0, 0]), Cancellation)).Events);

        platform.Append(0, new Order("o5", Orders.Day, "ams", 20, 1, 1));
        await platform.Log.TrimAsync(Orders.Stream, 0, 5, Cancellation);
        Assert.Equal(1, (await ArchiverOf(platform, platform.Log).ArchiveAsync(platform.Stream(), new Boundary([6, 0, 0]), Cancellation)).Events);
        Assert.Equal(5, (await ReadAsync(platform)).Count);
    }

    [Fact]
    public async Task A_log_that_ends_before_what_was_computed_of_it_is_not_archived()
    {
        await using Platform platform = await Platform.CreateAsync();
        Append(platform.Log, from: 0, to: 6, Platform.Appended);
        await platform.StartSpeedAsync();
        await platform.SpeedAsync(0, 6, EpochEnd.KeepOpen);
        MemoryLog restored = new();
        await restored.EnsureStreamAsync(Orders.Stream, Orders.Partitions, Cancellation);
        Append(restored, from: 0, to: 4, Platform.Appended);

        LogReplacedException refused = await Assert.ThrowsAsync<LogReplacedException>(
            async () => await ArchiverOf(platform, restored).ArchiveAsync(platform.Stream(), new Boundary([4, 0, 0]), Cancellation));

        Assert.Contains("ends at offset 4, and was computed up to 6", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(platform));
    }

    [Fact]
    public async Task Only_records_that_are_old_archived_and_computed_are_trimmed()
    {
        await using Platform platform = await Platform.CreateAsync();
        for (int i = 0; i < 10; i++)
        {
            platform.Append(0, new Order($"o{i}", Orders.Day, "ams", 20, 1, 1));
        }

        BatchOptions options = Platform.Options with { LogRetention = TimeSpan.Zero };
        StreamArchiver archiver = new(platform.Log, platform.Store, options, TimeProvider.System, platform.Metrics);
        LogTrimmer trimmer = new(platform.Log, platform.Store, TimeProvider.System, options);
        await platform.StartSpeedAsync();
        await platform.SpeedAsync(0, 4, EpochEnd.KeepOpen);
        await trimmer.TrimAsync(platform.Stream(), Cancellation);
        OffsetRange beforeArchive = await platform.Log.GetOffsetsAsync(Orders.Stream, 0, Cancellation);
        await archiver.ArchiveAsync(platform.Stream(), new Boundary([7, 0, 0]), Cancellation);

        await trimmer.TrimAsync(platform.Stream(), Cancellation);

        Assert.Equal(new OffsetRange(0, 10), beforeArchive);
        Assert.Equal(new OffsetRange(4, 10), await platform.Log.GetOffsetsAsync(Orders.Stream, 0, Cancellation));
        foreach (TimeSpan longer in (TimeSpan[])[TimeSpan.FromDays(100_000), TimeSpan.MaxValue])
        {
            await new LogTrimmer(platform.Log, platform.Store, TimeProvider.System, options with { LogRetention = longer }).TrimAsync(platform.Stream(), Cancellation);
        }

        Assert.Equal(4, (await platform.Log.GetOffsetsAsync(Orders.Stream, 0, Cancellation)).Start);
    }

    /// <summary>From the start of the log to its end, each offset is that of an event, of an undecodable record, or in a void; and only one of these.</summary>
    private static async Task AssertEveryOffsetOnceAsync(Platform platform)
    {
        IArchiveSnapshot snapshot = await platform.Archive.PinAsync(Cancellation);
        List<(int Partition, long Start, long End)> ranges = [.. (await ReadAsync(platform)).Select(row => (row.Partition, row.Offset, row.Offset + 1))];
        await foreach (LogPosition position in snapshot.ReadQuarantinedPositionsAsync(snapshot.End, Cancellation))
        {
            ranges.Add((position.Partition, position.Offset, position.Offset + 1));
        }

        await foreach (LogVoid found in snapshot.ReadVoidsAsync(snapshot.End, Cancellation))
        {
            ranges.Add((found.Partition, found.Offsets.Start, found.Offsets.End));
        }

        ranges.Sort();
        for (int partition = 0; partition < Orders.Partitions; partition++)
        {
            long next = platform.Starts[partition];
            foreach (var range in ranges.Where(range => range.Partition == partition))
            {
                Assert.Equal(next, range.Start);
                next = range.End;
            }

            Assert.Equal((await platform.LogEndAsync())[partition], next);
        }
    }

    private static Task<Boundary> EndAsync(StreamArchiver archiver, Platform platform) => archiver.ReadLogEndAsync(platform.Stream(), Cancellation);

    private static async Task<List<(int Partition, long Offset, string Id)>> ReadAsync(Platform platform)
    {
        IArchiveSnapshot snapshot = await platform.Archive.PinAsync(Cancellation);
        List<(int, long, string)> rows = [];
        EventMember id = platform.Definition.EventId!;
        foreach (DateOnly date in snapshot.Dates)
        {
            await foreach (EventBatch batch in snapshot.ReadAsync(
                date, Projection.Everything(platform.Definition.Schema), new StringDictionary(), snapshot.End, Cancellation))
            {
                for (int row = 0; row < batch.Count; row++)
                {
                    rows.Add((batch.Partitions[row], batch.Offsets[row], System.Text.Encoding.UTF8.GetString(((TextColumn)batch[id]!).Utf8(row))));
                }
            }
        }

        return rows;
    }
}
