using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>Brokers that refuse, answer slowly, go and change their roles.</summary>
public sealed class KafkaFaultTests : IDisposable
{
    private const string Stream = "events";
    private const int NotLeader = 6;
    private const int RequestTimedOut = 7;
    private const int NotEnoughReplicas = 19;
    private const int TopicAuthorizationFailed = 29;
    private const int OutOfOrderSequence = 45;
    private const int StorageError = 56;
    private const int ConnectionBroken = -195;
    private const int UnknownError = -1;

    private readonly MockCluster _cluster = new(brokers: 3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int[]> PassingErrors() => new()
    {
        { "append", [NotLeader, NotEnoughReplicas, RequestTimedOut, StorageError, NotLeader] },
        { "append", [ConnectionBroken, NotLeader, ConnectionBroken] },
        { "read", [NotLeader, RequestTimedOut, StorageError, UnknownError, ConnectionBroken] },
        { "ask", [NotLeader, StorageError, ConnectionBroken] },

        // No broken connection: an append may be on its way over it, and the mock, unlike a broker, does not know it again when it comes a second time.
        { "look up", [RequestTimedOut, NotLeader, RequestTimedOut] },
    };

    [Theory]
    [MemberData(nameof(PassingErrors))]
    public async Task Errors_that_pass_are_waited_out_and_nothing_is_lost_doubled_or_out_of_order(string kind, int[] errors)
    {
        short request = kind switch
        {
            "append" => MockCluster.ProduceRequest,
            "read" => MockCluster.FetchRequest,
            "ask" => MockCluster.OffsetsRequest,
            _ => MockCluster.MetadataRequest,
        };
        await using KafkaLog log = Open();
        for (int round = 0; round < 10; round++)
        {
            _cluster.FailNext(request, errors);
            await log.AppendAsync(Stream, [.. Enumerable.Range(round * 10, 10).Select(n => ("k", $"{n}"))]);
            await ReadAsync(log, (round + 1) * 10);
        }
    }

    [Fact]
    public async Task Reading_and_appending_follow_the_leader()
    {
        await using KafkaLog log = Open();
        for (int round = 0; round < 6; round++)
        {
            _cluster.Lead(Stream, 0, (round % 3) + 1);
            await log.AppendAsync(Stream, [.. Enumerable.Range(round * 10, 10).Select(n => ("k", $"{n}"))]);
            await ReadAsync(log, (round + 1) * 10);
        }
    }

    [Fact]
    public async Task A_leader_that_is_down_or_slow_is_waited_for()
    {
        await using KafkaLog log = Open();
        await log.AppendAsync(Stream, ("k", "0"));
        await ReadAsync(log, 1);
        _cluster.TakeDown(1);
        Task append = log.AppendAsync(Stream, ("k", "1"));
        await Assert.ThrowsAsync<TimeoutException>(() => append.WaitAsync(TimeSpan.FromMilliseconds(500), Cancel));
        using var batch = new RecordBatch();
        await log.ReadAsync(Stream, 0, 1, batch, Cancel);
        Assert.Equal((0, 1L), (batch.Count, batch.NextOffset));
        Task wait = log.WaitAsync(Stream, 0, 1, Cancel).AsTask();

        _cluster.BringUp(1);
        await append;
        await wait;
        await ReadAsync(log, 2);

        _cluster.AnswerAfter(1, 700);
        await log.AppendAsync(Stream, ("k", "2"));
        await ReadAsync(log, 3);
    }

    [Fact]
    public async Task A_read_that_cannot_ask_where_the_end_is_fails_and_does_not_say_that_it_is_there()
    {
        await using KafkaLog log = Open(requestTimeout: TimeSpan.FromSeconds(1));
        await log.AppendAsync(Stream, ("k", "0"));
        _cluster.TakeDown(1);
        using var batch = new RecordBatch();

        await Assert.ThrowsAsync<EventLogException>(async () => await log.ReadAsync(Stream, 0, 0, batch, Cancel));
    }

    [Fact]
    public async Task A_topic_that_may_not_be_read_is_an_error_that_says_so_and_reading_goes_on_when_it_may()
    {
        await using KafkaLog log = Open();
        await log.AppendAsync(Stream, ("k", "0"));
        using var batch = new RecordBatch();
        _cluster.FailNext(MockCluster.FetchRequest, TopicAuthorizationFailed);

        EventLogException refused = await Assert.ThrowsAsync<EventLogException>(async () => await log.ReadAsync(Stream, 0, 0, batch, Cancel));

        Assert.Contains("partition 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Allow", refused.Message, StringComparison.Ordinal);
        await ReadAsync(log, 1);
    }

    [Fact]
    public async Task An_append_that_is_refused_says_where_and_a_producer_that_cannot_go_on_is_replaced()
    {
        await using KafkaLog log = Open();
        await log.AppendAsync(Stream, ("k", "0"));
        _cluster.FailNext(MockCluster.ProduceRequest, OutOfOrderSequence);

        EventLogException? failed = null;
        try
        {
            await log.AppendAsync(Stream, ("k", "1"));
        }
        catch (EventLogException e)
        {
            failed = e;
            await log.AppendAsync(Stream, ("k", "1"));
        }

        Assert.True(failed is null || failed.Message.Contains("partition 0", StringComparison.Ordinal));
        await log.AppendAsync(Stream, ("k", "2"));
        await ReadAsync(log, 3);
    }

    [Fact]
    public async Task A_record_that_is_larger_than_all_that_may_wait_is_appended()
    {
        _cluster.CreateTopic(Stream, 1, 1);
        await using KafkaLog log = KafkaLog.Open(
            new KafkaOptions { BootstrapServers = _cluster.Bootstrap, AppendBufferBytes = 1 << 20, MaxRecordBytes = 3 << 20 }, TimeProvider.System);
        log.Assume(Stream, 1);

        using RecordBatch batch = new();
        batch.Add("k"u8, new byte[2 << 20]);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));

        await log.AppendAsync(Stream, batch, limit.Token);
    }

    [Fact]
    public async Task An_append_that_nobody_confirms_in_time_fails()
    {
        // Of the first append, which has to connect as well, on a machine that is busy, it must be enough.
        await using KafkaLog log = Open(TimeSpan.FromSeconds(5));
        await log.AppendAsync(Stream, ("k", "0"));
        _cluster.TakeDown(1);
        _cluster.TakeDown(2);
        _cluster.TakeDown(3);

        EventLogException failed = await Assert.ThrowsAsync<EventLogException>(() => log.AppendAsync(Stream, ("k", "1")));

        Assert.Contains("partition 0", failed.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _cluster.Dispose();

    private KafkaLog Open(TimeSpan? appendTimeout = null, TimeSpan? requestTimeout = null)
    {
        _cluster.CreateTopic(Stream, 1, 1);
        _cluster.Lead(Stream, 0, 1);
        KafkaLog log = KafkaLog.Open(
            new KafkaOptions
            {
                BootstrapServers = _cluster.Bootstrap,
                AppendTimeout = appendTimeout ?? TimeSpan.FromMinutes(1),
                RequestTimeout = requestTimeout ?? TimeSpan.FromSeconds(30),

                // Where records of one append go out in two requests, the mock, unlike a broker, takes the second although the first has failed.
                ProducerSettings = new Dictionary<string, string> { ["max.in.flight.requests.per.connection"] = "1" },
            },
            TimeProvider.System);
        log.Assume(Stream, 1);
        return log;
    }

    private static async Task ReadAsync(KafkaLog log, int count)
    {
        List<ReadRecord> read = await log.ReadAllAsync(Stream, 0);
        LogTesting.AssertDense(read);
        Assert.Equal(Enumerable.Range(0, count).Select(n => $"{n}"), read.Select(record => record.Value));
        Assert.Equal(new OffsetRange(0, count), await log.GetOffsetsAsync(Stream, 0, Cancel));
    }
}
