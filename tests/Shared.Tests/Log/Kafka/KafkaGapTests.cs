using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Time;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>Offsets without records, as transactions, compaction and retention leave them, and records as others write them.</summary>
public sealed class KafkaGapTests(SharedBroker broker)
{
    private const string Stream = "events";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_that_only_the_topic_does_not_take_is_told_from_other_failures()
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { TopicSettings = new Dictionary<string, string> { ["max.message.bytes"] = "2000" } };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        using RecordBatch records = new();
        records.Add([], new byte[3000]);

        await Assert.ThrowsAsync<RecordTooLargeException>(async () => await log.AppendAsync(Stream, records, Cancel));

        records.Clear();
        records.Add([], new byte[1000]);
        await log.AppendAsync(Stream, records, Cancel);
        Assert.Equal(new OffsetRange(0, 1), await log.GetOffsetsAsync(Stream, 0, Cancel));
    }

    [Fact]
    public async Task Committed_records_are_read_once_and_reading_goes_past_aborted_ones_and_markers()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        var expected = new List<string>();
        using IProducer<string, string> producer = Producer(options, transactional: true);
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        for (int round = 0; round < 12; round++)
        {
            bool commit = round % 3 != 2;
            producer.BeginTransaction();
            for (int i = 0; i < 20; i++)
            {
                string value = $"{round}:{i}";
                producer.Produce(options.TopicOf(Stream), new Message<string, string> { Key = "k", Value = value });
                if (commit)
                {
                    expected.Add(value);
                }
            }

            if (commit)
            {
                producer.CommitTransaction();
            }
            else
            {
                // What was not sent yet would leave no trace.
                producer.Flush(Cancel);
                producer.AbortTransaction();
            }
        }

        // An abort is confirmed before its marker is in the partition; who takes over the transactions waits for it.
        using (IProducer<string, string> successor = Producer(options, transactional: true))
        {
            successor.InitTransactions(TimeSpan.FromSeconds(30));
        }

        // Twelve times twenty records and a marker; the last transaction was aborted, so 22 offsets at the end hold nothing.
        Assert.Equal(new OffsetRange(0, 252), await log.GetOffsetsAsync(Stream, 0, Cancel));
        (List<string> values, long next) = await FollowAsync(log, from: 0, to: 252);
        Assert.Equal(expected, values);
        Assert.Equal(252, next);

        using var batch = new RecordBatch();
        await log.ReadAsync(Stream, 0, 230, batch, Cancel);
        Assert.Equal((0, 252L), (batch.Count, batch.NextOffset));
    }

    [Fact]
    public async Task Records_of_an_open_transaction_hold_readers_back_until_it_ends()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        await log.AppendAsync(Stream, ("k", "before"));
        using IProducer<string, string> producer = Producer(options, transactional: true);
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        await producer.ProduceAsync(options.TopicOf(Stream), new Message<string, string> { Key = "k", Value = "within" }, Cancel);
        await log.AppendAsync(Stream, ("k", "behind"));

        Assert.Equal(1, (await log.GetOffsetsAsync(Stream, 0, Cancel)).End);
        Assert.Equal(["before"], (await log.ReadAllAsync(Stream, 0)).Select(record => record.Value));
        Task waiting = log.WaitAsync(Stream, 0, 1, Cancel).AsTask();
        Assert.False(waiting.IsCompleted);

        producer.CommitTransaction();
        await waiting;
        (List<string> values, _) = await FollowAsync(log, from: 1, to: 4);
        Assert.Equal(["within", "behind"], values);
    }

    [Fact]
    public async Task Partitions_that_were_added_are_read_like_the_others_and_appended_to_by_who_opens_the_log_anew()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 2, Cancel);
        string[] keys = [.. Enumerable.Range(0, 50).Select(n => $"{n}")];
        await log.AppendAsync(Stream, [.. keys.Select(key => (key, "before"))]);
        int before = (await log.ReadAllAsync(Stream, 0)).Count;
        await Assert.ThrowsAsync<EventLogException>(() => log.GetOffsetsAsync(Stream, 4, Cancel).AsTask());
        await AddPartitionsAsync(options, 5);

        Assert.Equal(5, await log.CountPartitionsAsync(Stream, Cancel));
        Task waiting = log.WaitAsync(Stream, 3, 0, Cancel).AsTask();
        Assert.Equal(new OffsetRange(0, 0), await log.GetOffsetsAsync(Stream, 4, Cancel));
        await log.AppendAsync(Stream, [.. keys.Select(key => (key, "by a producer that knows two"))]);
        Assert.Equal(2 * before, (await log.ReadAllAsync(Stream, 0)).Count);
        Assert.False(waiting.IsCompleted);

        await using KafkaLog anew = KafkaLog.Open(options, TimeProvider.System);
        Assert.Equal(5, await anew.EnsureStreamAsync(Stream, 2, Cancel));
        await anew.AppendAsync(Stream, [.. keys.Select(key => (key, "behind"))]);
        await waiting;
        var there = new List<string>();
        for (int partition = 2; partition < 5; partition++)
        {
            IReadOnlyList<ReadRecord> records = await log.ReadAllAsync(Stream, partition);
            Assert.All(records, record => Assert.Equal((partition, "behind"), (KeyPartitioner.Partition(Encoding.UTF8.GetBytes(record.Key), 5), record.Value)));
            there.AddRange(records.Select(record => record.Key));
        }

        Assert.Equal(keys.Where(key => KeyPartitioner.Partition(Encoding.UTF8.GetBytes(key), 5) > 1).Order(), there.Order());
    }

    [Fact]
    public async Task Compaction_leaves_gaps_that_are_read_over()
    {
        KafkaOptions options = await broker.NewOptionsAsync() with
        {
            TopicSettings = new Dictionary<string, string>
            {
                ["cleanup.policy"] = "compact",
                ["min.cleanable.dirty.ratio"] = "0.01",
                ["segment.ms"] = "100",
                ["max.compaction.lag.ms"] = "100",
            },
        };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        for (int i = 0; i < 50; i++)
        {
            await log.AppendAsync(Stream, ($"{i % 5}", $"{i}"));
        }

        // The cleaner leaves the segment alone that is written to; a record behind makes it a finished one.
        long end = 50;
        List<ReadRecord> read;
        do
        {
            await log.AppendAsync(Stream, ("last", $"{end}"));
            end++;
            await Task.Delay(300, Cancel);
            read = await ReadFreshAsync(options);
        }
        while (read.Count(record => record.Key != "last") > 5);

        Assert.Equal(["45", "46", "47", "48", "49"], read.Where(record => record.Key != "last").Select(record => record.Value));
        (List<string> values, long next) = await FollowAsync(log, from: 0, to: end);
        Assert.Equal(end, next);
        Assert.Equal($"{end - 1}", values[^1]);
    }

    [Fact]
    public async Task What_retention_has_removed_is_named_to_the_offset()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        await log.AppendAsync(Stream, [.. Enumerable.Range(0, 100).Select(n => ("k", $"{n}"))]);
        await log.TrimAsync(Stream, 0, 40, Cancel);
        using var batch = new RecordBatch();

        OffsetTrimmedException gone = await Assert.ThrowsAsync<OffsetTrimmedException>(async () => await log.ReadAsync(Stream, 0, 7, batch, Cancel));

        Assert.Equal(new OffsetRange(7, 40), gone.Missing);
        await log.WaitAsync(Stream, 0, 7, Cancel);
        await log.TrimAsync(Stream, 0, 1000, Cancel);
        Assert.Equal(new OffsetRange(100, 100), await log.GetOffsetsAsync(Stream, 0, Cancel));
        gone = await Assert.ThrowsAsync<OffsetTrimmedException>(async () => await log.ReadAsync(Stream, 0, 39, batch, Cancel));
        Assert.Equal(new OffsetRange(39, 100), gone.Missing);
    }

    [Fact]
    public async Task A_tombstone_is_a_record_with_an_empty_value_and_headers_do_not_matter()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        using IProducer<string, string> producer = Producer(options, transactional: false);
        var headers = new Headers { { "trace", "abc"u8.ToArray() } };
        await producer.ProduceAsync(options.TopicOf(Stream), new Message<string, string> { Key = "k", Value = null!, Headers = headers }, Cancel);
        await producer.ProduceAsync(options.TopicOf(Stream), new Message<string, string> { Key = null!, Value = "v", Headers = headers }, Cancel);

        Assert.Equal([("k", ""), ("", "v")], (await log.ReadAllAsync(Stream, 0)).Select(record => (record.Key, record.Value)));
    }

    /// <summary>Microseconds in the place of milliseconds overflowed when they were multiplied, and a partition came no further than such a record.</summary>
    [Theory]
    [InlineData(253_402_300_799_999, "9999-12-31T23:59:59.999")]
    [InlineData(253_402_300_800_000, "9999-12-31T23:59:59.999999")]
    [InlineData(1_795_900_000_000_000, "9999-12-31T23:59:59.999999")]
    [InlineData(1_795_900_000_000_000_000, "9999-12-31T23:59:59.999999")]
    [InlineData(long.MaxValue, "9999-12-31T23:59:59.999999")]
    public async Task An_append_time_that_a_producer_gives_stays_within_what_can_be_shown_as_a_date(long milliseconds, string expected)
    {
        KafkaOptions options = await broker.NewOptionsAsync() with
        {
            TopicSettings = new Dictionary<string, string>
            {
                ["message.timestamp.type"] = "CreateTime",
                ["message.timestamp.after.max.ms"] = "9223372036854775807",
            },
        };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        using IProducer<string, string> producer = Producer(options, transactional: false);
        var message = new Message<string, string> { Key = "k", Value = "v", Timestamp = new Timestamp(milliseconds, TimestampType.CreateTime) };
        await producer.ProduceAsync(options.TopicOf(Stream), message, Cancel);
        using var batch = new RecordBatch();

        await log.ReadAsync(Stream, 0, 0, batch, Cancel);

        Assert.Equal(DateTime.Parse(expected, CultureInfo.InvariantCulture), UtcMicroseconds.ToDateTime(batch.AppendedAt(0)));
    }

    [Fact]
    public async Task An_empty_value_is_written_as_one_and_not_as_a_tombstone_and_an_empty_key_as_none()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        await log.AppendAsync(Stream, ("", ""));
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = options.BootstrapServers, GroupId = options.GroupId }).Build();
        consumer.Assign(new TopicPartitionOffset(options.TopicOf(Stream), 0, 0));

        ConsumeResult<byte[], byte[]> record = consumer.Consume(Cancel);

        Assert.Null(record.Message.Key);
        Assert.NotNull(record.Message.Value);
        Assert.Equal(TimestampType.LogAppendTime, record.Message.Timestamp.Type);
    }

    [Fact]
    public async Task Records_of_many_megabytes_go_through_and_larger_ones_are_refused_before_anything_is_taken()
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { MaxRecordBytes = 12_000_000 };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        string[] values = [new string('a', 11_999_000), "small", new string('b', 5_000_000), new string('c', 11_999_000)];

        await log.AppendAsync(Stream, [.. values.Select(value => ("k", value))]);
        RecordTooLargeException refused = await Assert.ThrowsAsync<RecordTooLargeException>(
            () => log.AppendAsync(Stream, ("k", "fits"), ("k", new string('d', 12_000_000))));

        Assert.Contains("record 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxRecordBytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(values, (await log.ReadAllAsync(Stream, 0)).Select(record => record.Value));
    }

    [Fact]
    public async Task A_topic_made_by_others_keeps_its_partitions_and_names_can_be_mapped()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers }).Build();
        string topic = options.TopicPrefix + "theirs";
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 3, ReplicationFactor = 1 }]);
        await using KafkaLog log = KafkaLog.Open(options with { Topics = new Dictionary<string, string> { [Stream] = topic } }, TimeProvider.System);

        Assert.Equal(3, await log.EnsureStreamAsync(Stream, 8, Cancel));
        await log.AppendAsync(Stream, ("k", "v"));
        Assert.Single(await log.ReadAllAsync(Stream, KeyPartitioner.Partition("k"u8, 3)));
    }

    private static async Task AddPartitionsAsync(KafkaOptions options, int partitions)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers }).Build();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = options.TopicOf(Stream), IncreaseTo = partitions }]);
        while (admin.GetMetadata(options.TopicOf(Stream), TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count < partitions)
        {
            // A broker says that they are made before it tells of them.
            await Task.Delay(20, Cancel);
        }
    }

    private static IProducer<string, string> Producer(KafkaOptions options, bool transactional) =>
        new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            TransactionalId = transactional ? options.GroupId : null,
            LingerMs = 1,
        }).Build();

    private static async Task<List<ReadRecord>> ReadFreshAsync(KafkaOptions options)
    {
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        return await log.ReadAllAsync(Stream, 0);
    }

    // As the layers read: on from NextOffset, whether there were records or not.
    private static async Task<(List<string> Values, long Next)> FollowAsync(KafkaLog log, long from, long to)
    {
        var values = new List<string>();
        using var batch = new RecordBatch(maxRecords: 7);
        long next = from;
        while (next < to)
        {
            await log.ReadAsync(Stream, 0, next, batch, Cancel);
            for (int i = 0; i < batch.Count; i++)
            {
                values.Add(Encoding.UTF8.GetString(batch.Value(i)));
            }

            Assert.True(batch.NextOffset > next, $"Reading stays at {next}.");
            next = batch.NextOffset;
        }

        return (values, next);
    }
}
