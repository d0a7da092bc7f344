using System.Text;
using Lambda.Log;
using Xunit;

namespace Lambda.Tests.Log;

/// <summary>What every <see cref="IEventLog"/> must do. An implementation joins by deriving a class and opening an empty log.</summary>
public abstract class EventLogContract : IAsyncLifetime
{
    private const string Stream = "events";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected IEventLog Log { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Log = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_stream_has_the_partitions_asked_for_and_keeps_them()
    {
        Assert.Equal(3, await Log.EnsureStreamAsync(Stream, 3, Cancel));
        Assert.Equal(3, await Log.EnsureStreamAsync(Stream, 5, Cancel));
        Assert.True((await Log.GetOffsetsAsync(Stream, 2, Cancel)).IsEmpty);
    }

    [Fact]
    public async Task Counting_partitions_makes_no_stream()
    {
        await Assert.ThrowsAsync<EventLogException>(async () => await Log.CountPartitionsAsync(Stream, Cancel));
        Assert.Equal(3, await Log.EnsureStreamAsync(Stream, 3, Cancel));
        Assert.Equal(3, await Log.CountPartitionsAsync(Stream, Cancel));
    }

    [Fact]
    public async Task Records_come_back_dense_in_order_and_whole()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        (string, string)[] sent = [.. Enumerable.Range(0, 1000).Select(i => ($"k{i % 7}", new string('v', i % 50) + i))];
        foreach ((string, string)[] part in sent.Chunk(90))
        {
            await Log.AppendAsync(Stream, part);
        }

        List<ReadRecord> read = await Log.ReadAllAsync(Stream, 0);

        LogTesting.AssertDense(read);
        Assert.Equal(sent, read.Select(r => (r.Key, r.Value)));
        Assert.Equal(new OffsetRange(0, 1000), await Log.GetOffsetsAsync(Stream, 0, Cancel));
    }

    [Fact]
    public async Task A_record_goes_to_the_partition_of_its_key()
    {
        await Log.EnsureStreamAsync(Stream, 4, Cancel);
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"key-{i}")];
        await Log.AppendAsync(Stream, [.. keys.Select(k => (k, "v"))]);

        for (int partition = 0; partition < 4; partition++)
        {
            int own = partition;
            List<ReadRecord> read = await Log.ReadAllAsync(Stream, partition);
            Assert.Equal(keys.Where(k => KeyPartitioner.Partition(Encoding.UTF8.GetBytes(k), 4) == own), read.Select(r => r.Key));
        }
    }

    [Fact]
    public async Task Records_without_key_or_value_are_records()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        await Log.AppendAsync(Stream, ("", "value only"), ("key only", ""), ("", ""));

        Assert.Equal([("", "value only"), ("key only", ""), ("", "")], (await Log.ReadAllAsync(Stream, 0)).Select(r => (r.Key, r.Value)));
    }

    [Fact]
    public async Task A_read_keeps_to_the_limits_of_its_batch_but_always_moves_on()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        await Log.AppendAsync(Stream, ("", new string('a', 40)), ("", new string('b', 40)), ("", new string('c', 500)), ("", "d"));
        using var batch = new RecordBatch(maxRecords: 2, maxBytes: 100);

        await Log.ReadAsync(Stream, 0, 0, batch, Cancel);
        Assert.Equal(2, batch.Count);
        await Log.ReadAsync(Stream, 0, 2, batch, Cancel);
        Assert.Equal(500, batch.Value(0).Length);
        Assert.Equal(1, batch.Count);
        await Log.ReadAsync(Stream, 0, 3, batch, Cancel);
        Assert.Equal(3, batch.Offset(0));
    }

    [Fact]
    public async Task Reading_at_or_beyond_the_end_gives_an_empty_batch_at_once()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        await Log.AppendAsync(Stream, ("k", "v"));
        using var batch = new RecordBatch();
        batch.Add("left"u8, "over"u8);

        await Log.ReadAsync(Stream, 0, 1, batch, Cancel);
        Assert.Equal((0, 1L), (batch.Count, batch.NextOffset));
        await Log.ReadAsync(Stream, 0, 99, batch, Cancel);
        Assert.Equal((0, 99L), (batch.Count, batch.NextOffset));
    }

    [Fact]
    public async Task A_read_sees_what_was_appended_before_it_though_the_one_before_found_nothing()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        using var batch = new RecordBatch();
        for (int i = 0; i < 50; i++)
        {
            await Log.ReadAsync(Stream, 0, i, batch, Cancel);
            Assert.Equal((0, (long)i), (batch.Count, batch.NextOffset));
            await Log.AppendAsync(Stream, ("k", $"{i}"));
            await Log.ReadAsync(Stream, 0, i, batch, Cancel);
            Assert.Equal((1, i + 1L), (batch.Count, batch.NextOffset));
        }
    }

    [Fact]
    public async Task Readers_at_different_places_of_a_partition_do_not_disturb_each_other()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        await Log.AppendAsync(Stream, [.. Enumerable.Range(0, 500).Select(n => ("k", $"{n}"))]);
        using var batch = new RecordBatch(maxRecords: 10);
        long[] next = [0, 123, 250, 490];
        while (next[0] < 500)
        {
            for (int reader = 0; reader < next.Length; reader++)
            {
                await Log.ReadAsync(Stream, 0, next[reader], batch, Cancel);
                Assert.Equal(Math.Min(10, 500 - next[reader]), batch.Count);
                for (int i = 0; i < batch.Count; i++)
                {
                    Assert.Equal($"{next[reader] + i}", Encoding.UTF8.GetString(batch.Value(i)));
                }

                next[reader] = batch.NextOffset;
            }
        }
    }

    [Fact]
    public async Task A_waiting_reader_is_woken_by_the_append_it_waits_for()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        Task first = Log.WaitAsync(Stream, 0, 0, Cancel).AsTask();
        Task third = Log.WaitAsync(Stream, 0, 2, Cancel).AsTask();
        Assert.False(first.IsCompleted);

        await Log.AppendAsync(Stream, ("k", "1"));
        await first;
        Assert.False(third.IsCompleted);
        await Log.AppendAsync(Stream, ("k", "2"), ("k", "3"));
        await third;
        Assert.True(Log.WaitAsync(Stream, 0, 0, Cancel).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task wait = Log.WaitAsync(Stream, 0, 0, source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task A_reader_that_follows_sees_each_record_once_while_they_are_written()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        const int Total = 3000;
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; i < Total; i += 30)
                {
                    await Log.AppendAsync(Stream, [.. Enumerable.Range(i, 30).Select(n => ("k", $"{n}"))]);
                }
            },
            Cancel);

        var seen = new List<string>();
        using var batch = new RecordBatch();
        while (seen.Count < Total)
        {
            await Log.WaitAsync(Stream, 0, seen.Count, Cancel);
            await Log.ReadAsync(Stream, 0, seen.Count, batch, Cancel);
            Assert.NotEqual(0, batch.Count);
            for (int i = 0; i < batch.Count; i++)
            {
                Assert.Equal(seen.Count, batch.Offset(i));
                seen.Add(Encoding.UTF8.GetString(batch.Value(i)));
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Total).Select(n => $"{n}"), seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Concurrent_appenders_lose_and_double_nothing_and_each_keeps_its_order(int seed)
    {
        const int Appenders = 8;
        await Log.EnsureStreamAsync(Stream, 3, Cancel);
        int[] sent = await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(
            async () =>
            {
                var random = new Random(seed * 1000 + appender);
                int number = 0;
                for (int call = 0; call < 25; call++)
                {
                    int count = random.Next(1, 200);
                    await Log.AppendAsync(
                        Stream,
                        [.. Enumerable.Range(number, count).Select(n => ($"a{appender}", $"{n}:" + new string('.', random.Next(0, 400))))]);
                    number += count;
                }

                return number;
            },
            Cancel)));

        var read = new List<ReadRecord>();
        for (int partition = 0; partition < 3; partition++)
        {
            List<ReadRecord> own = await Log.ReadAllAsync(Stream, partition, maxRecords: new Random(seed).Next(1, 3000));
            LogTesting.AssertDense(own);
            read.AddRange(own);
        }

        for (int appender = 0; appender < Appenders; appender++)
        {
            Assert.Equal(
                Enumerable.Range(0, sent[appender]).Select(n => $"{n}"),
                read.Where(r => r.Key == $"a{appender}").Select(r => r.Value[..r.Value.IndexOf(':', StringComparison.Ordinal)]));
        }
    }

    [Fact]
    public async Task Offsets_are_found_by_append_time()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        for (int i = 0; i < 20; i++)
        {
            await Log.AppendAsync(Stream, ("k", $"{i}"), ("k", $"{i}"));
        }

        List<ReadRecord> records = await Log.ReadAllAsync(Stream, 0);
        foreach (ReadRecord record in records)
        {
            long expected = records.First(r => r.AppendedAt >= record.AppendedAt).Offset;
            Assert.Equal(expected, await Log.FindOffsetAsync(Stream, 0, Time(record.AppendedAt), Cancel));
        }

        Assert.Equal(0, await Log.FindOffsetAsync(Stream, 0, DateTimeOffset.UnixEpoch, Cancel));
        Assert.Equal(40, await Log.FindOffsetAsync(Stream, 0, Time(records[^1].AppendedAt + 1), Cancel));
    }

    [Fact]
    public async Task Trimmed_records_are_refused_and_later_ones_stay()
    {
        await Log.EnsureStreamAsync(Stream, 1, Cancel);
        for (int i = 0; i < 10; i++)
        {
            await Log.AppendAsync(Stream, [.. Enumerable.Range(i * 10, 10).Select(n => ("k", $"{n}"))]);
        }

        await Log.TrimAsync(Stream, 0, 55, Cancel);

        OffsetRange offsets = await Log.GetOffsetsAsync(Stream, 0, Cancel);
        Assert.InRange(offsets.Start, 1, 55);
        Assert.Equal(100, offsets.End);
        Assert.Equal(Enumerable.Range(55, 45).Select(n => $"{n}"), (await Log.ReadAllAsync(Stream, 0, from: 55)).Select(r => r.Value));
        using var batch = new RecordBatch();
        OffsetTrimmedException refused = await Assert.ThrowsAsync<OffsetTrimmedException>(
            async () => await Log.ReadAsync(Stream, 0, offsets.Start - 1, batch, Cancel));
        Assert.Equal((Stream, 0, new OffsetRange(offsets.Start - 1, offsets.Start)), (refused.Stream, refused.Partition, refused.Missing));
    }

    [Fact]
    public async Task An_unknown_stream_or_partition_is_named_in_the_error()
    {
        await Log.EnsureStreamAsync(Stream, 2, Cancel);
        using var batch = new RecordBatch();
        batch.Add("k"u8, "v"u8);

        EventLogException stream = await Assert.ThrowsAsync<EventLogException>(async () => await Log.AppendAsync("nowhere", batch, Cancel));
        EventLogException partition = await Assert.ThrowsAsync<EventLogException>(async () => await Log.ReadAsync(Stream, 2, 0, batch, Cancel));

        Assert.Contains("'nowhere'", stream.Message, StringComparison.Ordinal);
        Assert.Contains("partition 2", partition.Message, StringComparison.Ordinal);
    }

    /// <summary>Opens a log without streams.</summary>
    protected abstract ValueTask<IEventLog> OpenAsync();

    /// <summary>Removes what <see cref="OpenAsync"/> made, after the log is closed.</summary>
    protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    protected static DateTimeOffset Time(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
