using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>A topic that is deleted while it is used, and made anew.</summary>
public sealed class KafkaReplacedTopicTests(SharedBroker broker)
{
    private const string Stream = "events";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_is_deleted_is_missed_and_one_that_is_made_anew_is_neither_read_on_nor_appended_to()
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        SteppedTime time = new();
        await using KafkaLog log = KafkaLog.Open(options, time);
        await log.EnsureStreamAsync(Stream, 1, Cancel);
        using RecordBatch records = new();
        records.Add([], [1]);
        await log.AppendAsync(Stream, records, Cancel);
        using RecordBatch read = new();
        await log.ReadAsync(Stream, 0, 0, read, Cancel);
        Assert.Equal((1, new OffsetRange(0, 1)), (read.Count, await log.GetOffsetsAsync(Stream, 0, Cancel)));
        using IAdminClient brokers = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers }).Build();
        await brokers.DeleteTopicsAsync([options.TopicOf(Stream)], new DeleteTopicsOptions { OperationTimeout = TimeSpan.FromSeconds(30) });

        time.Ahead += TimeSpan.FromSeconds(2);
        EventLogException missed = await Assert.ThrowsAsync<EventLogException>(async () => await log.GetOffsetsAsync(Stream, 0, Cancel));
        Assert.Contains($"have no topic '{options.TopicOf(Stream)}' any more: it was deleted", missed.Message, StringComparison.Ordinal);

        // As far as the one before, and further.
        await using KafkaLog another = KafkaLog.Open(options, TimeProvider.System);
        await another.EnsureStreamAsync(Stream, 1, Cancel);
        await another.AppendAsync(Stream, records, Cancel);
        await another.AppendAsync(Stream, records, Cancel);
        time.Ahead += TimeSpan.FromSeconds(2);
        await Assert.ThrowsAsync<LogReplacedException>(async () => await log.GetOffsetsAsync(Stream, 0, Cancel));
        await Assert.ThrowsAsync<LogReplacedException>(async () => await log.ReadAsync(Stream, 0, 1, read, Cancel));
        await Assert.ThrowsAsync<LogReplacedException>(async () => await log.WaitAsync(Stream, 0, 1, Cancel));
        await Assert.ThrowsAsync<LogReplacedException>(async () => await log.AppendAsync(Stream, records, Cancel));
        Assert.Equal(new OffsetRange(0, 2), await another.GetOffsetsAsync(Stream, 0, Cancel));
    }

    /// <summary>The system's time, as much ahead as it is told.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
