using System.Text;
using Lambda.Log;
using Lambda.Log.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Log;

public sealed class EmbeddedLogTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_reopened_log_has_its_streams_records_and_low_offsets()
    {
        using var folder = new TemporaryFolder();
        await using (EmbeddedLog log = Open(folder.Path))
        {
            await log.EnsureStreamAsync("one", 2, Cancel);
            await log.EnsureStreamAsync("two", 1, Cancel);
            await log.AppendAsync("one", [.. Enumerable.Range(0, 100).Select(n => ($"{n}", "v"))]);
            await log.AppendAsync("two", ("", "a"), ("", "b"), ("", "c"));
            await log.TrimAsync("two", 0, 2, Cancel);
        }

        await using (EmbeddedLog log = Open(folder.Path))
        {
            Assert.Equal(2, await log.EnsureStreamAsync("one", 9, Cancel));
            Assert.Equal(100, (await log.ReadAllAsync("one", 0)).Count + (await log.ReadAllAsync("one", 1)).Count);
            Assert.Equal(new OffsetRange(2, 3), await log.GetOffsetsAsync("two", 0, Cancel));
            await log.AppendAsync("two", ("", "d"));
            Assert.Equal(["c", "d"], (await log.ReadAllAsync("two", 0, from: 2)).Select(r => r.Value));
            await log.EnsureStreamAsync("three", 1, Cancel);
            await log.AppendAsync("three", ("", "x"));
            Assert.Single(await log.ReadAllAsync("three", 0));
        }
    }

    [Fact]
    public async Task A_log_keeps_its_identity_and_has_another_one_than_others()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        Guid identity;
        await using (EmbeddedLog log = Open(folder.Path))
        {
            identity = log.Identity;
        }

        await using (EmbeddedLog again = Open(folder.Path))
        await using (EmbeddedLog another = Open(other.Path))
        {
            Assert.Equal(identity, again.Identity);
            Assert.NotEqual(identity, another.Identity);
        }

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "identity"), "", Cancel);
        Assert.Contains("identity", Assert.Throws<EventLogException>(() => Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offsets_and_append_times_go_on_after_everything_was_trimmed_and_the_clock_jumped_back()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };
        await using (EmbeddedLog log = Open(folder.Path, clock))
        {
            await log.EnsureStreamAsync("s", 1, Cancel);
            await log.AppendAsync("s", ("", "a"), ("", "b"));
            await log.TrimAsync("s", 0, 99, Cancel);
            Assert.Equal(new OffsetRange(2, 2), await log.GetOffsetsAsync("s", 0, Cancel));
        }

        var earlier = new FakeTimeProvider(clock.GetUtcNow().AddHours(-5));
        await using (EmbeddedLog log = Open(folder.Path, earlier))
        {
            await log.AppendAsync("s", ("", "c"));
            earlier.Advance(TimeSpan.FromHours(6));
            await log.AppendAsync("s", ("", "d"));
            List<ReadRecord> read = await log.ReadAllAsync("s", 0, from: 2);
            Assert.Equal([(2L, clock.GetUtcNow()), (3L, clock.GetUtcNow().AddHours(1))], read.Select(r => (r.Offset, Time(r.AppendedAt))));
        }
    }

    [Fact]
    public async Task Append_times_never_decrease_when_the_clock_jumps_back_within_one_run()
    {
        using var folder = new TemporaryFolder();
        var clock = new BackwardsClock();
        await using EmbeddedLog log = Open(folder.Path, clock);
        await log.EnsureStreamAsync("s", 1, Cancel);
        for (int hour = 10; hour > 0; hour--)
        {
            clock.Now = new DateTimeOffset(2026, 1, 1, hour, 0, 0, TimeSpan.Zero);
            await log.AppendAsync("s", ("", $"{hour}"));
        }

        clock.Now = new DateTimeOffset(2026, 1, 1, 11, 0, 0, TimeSpan.Zero);
        await log.AppendAsync("s", ("", "11"));

        List<ReadRecord> read = await log.ReadAllAsync("s", 0);
        Assert.Equal([.. Enumerable.Repeat(10, 10), 11], read.Select(r => Time(r.AppendedAt).Hour));
        Assert.Equal(10, await log.FindOffsetAsync("s", 0, clock.Now, Cancel));
        Assert.Equal(0, await log.FindOffsetAsync("s", 0, clock.Now.AddHours(-1), Cancel));
        Assert.Equal(11, await log.FindOffsetAsync("s", 0, clock.Now.AddTicks(1), Cancel));
    }

    [Fact]
    public async Task An_oversize_record_is_refused_before_anything_of_its_call_is_appended()
    {
        using var folder = new TemporaryFolder();
        await using EmbeddedLog log = EmbeddedLog.Open(
            new EmbeddedLogOptions { Folder = folder.Path, MaxRecordBytes = 100 }, TimeProvider.System);
        await log.EnsureStreamAsync("s", 1, Cancel);

        RecordTooLargeException refused = await Assert.ThrowsAsync<RecordTooLargeException>(
            () => log.AppendAsync("s", ("k", "fits"), ("k", new string('x', 100))));

        Assert.Contains("record 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("101 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxRecordBytes", refused.Message, StringComparison.Ordinal);
        await log.AppendAsync("s", ("k", new string('x', 99)));
        Assert.Single(await log.ReadAllAsync("s", 0));
    }

    [Fact]
    public async Task Large_records_and_chunks_of_every_size_come_back()
    {
        using var folder = new TemporaryFolder();
        await using EmbeddedLog log = Open(folder.Path);
        await log.EnsureStreamAsync("s", 2, Cancel);
        var random = new Random(5);
        string[] values = [.. Enumerable.Range(0, 300).Select(n => $"{n}:" + new string('y', random.Next(0, n % 50 == 0 ? 900_000 : 3_000)))];
        await log.AppendAsync("s", [.. values.Select(v => ("same key", v))]);

        int partition = KeyPartitioner.Partition("same key"u8, 2);
        foreach (int maxBytes in new[] { 1, 1000, 64_000, 10_000_000 })
        {
            List<ReadRecord> read = await log.ReadAllAsync("s", partition, maxRecords: 37, maxBytes: maxBytes);
            Assert.Equal(values, read.Select(r => r.Value));
        }

        for (int from = 0; from < values.Length; from += 41)
        {
            Assert.Equal(values[from], (await log.ReadAllAsync("s", partition, from))[0].Value);
        }
    }

    [Fact]
    public async Task Trimming_under_a_reader_gives_it_records_or_the_trimmed_error_and_never_damage()
    {
        using var folder = new TemporaryFolder();
        await using EmbeddedLog log = Open(folder.Path);
        await log.EnsureStreamAsync("s", 1, Cancel);
        for (int i = 0; i < 200; i++)
        {
            await log.AppendAsync("s", ("", $"{2 * i}"), ("", $"{(2 * i) + 1}"));
        }

        Task trimming = Task.Run(
            async () =>
            {
                for (int before = 1; before <= 400; before += 3)
                {
                    await log.TrimAsync("s", 0, before, Cancel);
                }
            },
            Cancel);
        using var batch = new RecordBatch(maxRecords: 5);
        while (!trimming.IsCompleted)
        {
            long low = (await log.GetOffsetsAsync("s", 0, Cancel)).Start;
            await log.FindOffsetAsync("s", 0, DateTimeOffset.UnixEpoch, Cancel);
            try
            {
                await log.ReadAsync("s", 0, low, batch, Cancel);
                Assert.True(batch.Count == 0 || Encoding.UTF8.GetString(batch.Value(0)) == $"{low}");
            }
            catch (OffsetTrimmedException e)
            {
                Assert.Equal(low, e.Missing.Start);
            }
        }

        await trimming;
    }

    [Fact]
    public async Task Closing_finishes_the_appends_it_has_taken_and_ends_all_waits()
    {
        using var folder = new TemporaryFolder();
        EmbeddedLog log = Open(folder.Path);
        await log.EnsureStreamAsync("s", 1, Cancel);
        Task wait = log.WaitAsync("s", 0, 1_000_000, Cancel).AsTask();
        Task[] appends = [.. Enumerable.Range(0, 500).Select(n => log.AppendAsync("s", ("", $"{n}")))];
        await log.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.AppendAsync("s", ("", "late")));
        await using EmbeddedLog again = Open(folder.Path);
        Assert.Equal(500, (await again.ReadAllAsync("s", 0)).Count);
    }

    [Fact]
    public async Task Cancelled_appends_end_and_leave_the_log_whole()
    {
        using var folder = new TemporaryFolder();
        await using EmbeddedLog log = EmbeddedLog.Open(
            new EmbeddedLogOptions { Folder = folder.Path, MaxPendingAppends = 2 }, TimeProvider.System);
        await log.EnsureStreamAsync("s", 1, Cancel);
        int acknowledged = 0;
        await Task.WhenAll(Enumerable.Range(0, 300).Select(n => Task.Run(
            async () =>
            {
                using var source = new CancellationTokenSource();
                using var batch = new RecordBatch();
                batch.Add("k"u8, Encoding.UTF8.GetBytes($"{n}"));
                ValueTask append = log.AppendAsync("s", batch, source.Token);
                if (n % 2 == 0)
                {
                    await source.CancelAsync();
                }

                try
                {
                    await append;
                    Interlocked.Increment(ref acknowledged);
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(0, n % 2);
                }
            },
            Cancel)));

        List<ReadRecord> read = await log.ReadAllAsync("s", 0);
        LogTesting.AssertDense(read);
        Assert.InRange(acknowledged, 150, read.Count);
        Assert.Equal(read.Count, read.DistinctBy(r => r.Value).Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("path/like")]
    public async Task A_name_that_no_topic_could_have_is_refused(string name)
    {
        EventLogException refused = await Assert.ThrowsAsync<EventLogException>(async () => await Log.EnsureStreamAsync(name, 1, Cancel));

        Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
    }

    protected override ValueTask<IEventLog> OpenAsync() => new(Open(_folder.Path));

    protected override ValueTask CleanUpAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static EmbeddedLog Open(string folder, TimeProvider? clock = null) =>
        EmbeddedLog.Open(new EmbeddedLogOptions { Folder = folder }, clock ?? TimeProvider.System);

    private sealed class BackwardsClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
