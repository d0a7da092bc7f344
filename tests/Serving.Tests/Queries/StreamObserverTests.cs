using Lambda.Log;
using Lambda.Serving.Queries;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Serving.Tests.Queries;

/// <summary>How far the speed layer is behind a log some of whose offsets hold no record.</summary>
public class StreamObserverTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData(20, 0)]
    [InlineData(16, 0)]
    [InlineData(15, 5)]
    [InlineData(2, 5)]
    public async Task Offsets_without_a_record_before_the_next_record_wait_for_nobody(long committed, long expected)
    {
        StreamStatus status = new(
            Sample.Stream, [new PartitionStatus(0, committed, 1, null, null, null, 0, 0)], null, new Dictionary<Events.RejectReason, long>());
        StreamObserver observer = new(new OneRecord(15, new OffsetRange(2, 20)), new FakeTimeProvider(Now), NullLogger<StreamObserver>.Instance);

        StreamState state = await observer.ObserveAsync(Sample.Catalog().Streams[0], status, TestContext.Current.CancellationToken);

        Assert.Equal((expected, expected == 0 ? 0 : 60), (state.Lag!.Events, state.Lag.Seconds));
    }

    /// <summary>To read the record would cost a query more than everything else when the log is on other machines.</summary>
    [Fact]
    public async Task While_the_layer_is_behind_by_less_than_a_second_no_record_is_read_to_tell_how_far()
    {
        StreamStatus status = Committed((10, Now.AddMilliseconds(-400)), (20, Now.AddMilliseconds(-700)), (18, Now.AddMilliseconds(-900)));
        OneRecord log = new(15, new OffsetRange(2, 20), canBeRead: false);
        StreamObserver observer = new(log, new FakeTimeProvider(Now), NullLogger<StreamObserver>.Instance);

        StreamState state = await observer.ObserveAsync(Sample.Catalog().Streams[0], status, TestContext.Current.CancellationToken);

        Assert.Equal(new Answers.LagAnswer(12, 0.9), state.Lag);
    }

    [Fact]
    public async Task A_record_that_came_long_after_the_one_before_it_waits_since_it_came()
    {
        StreamStatus status = Committed((15, Now.AddHours(-3)), (20, Now.AddHours(-3)));
        StreamObserver observer = new(new OneRecord(15, new OffsetRange(2, 20)), new FakeTimeProvider(Now), NullLogger<StreamObserver>.Instance);

        StreamState state = await observer.ObserveAsync(Sample.Catalog().Streams[0], status, TestContext.Current.CancellationToken);

        Assert.Equal(new Answers.LagAnswer(5, 60), state.Lag);
    }

    [Fact]
    public async Task A_layer_that_is_far_behind_a_log_that_was_made_anew_is_told()
    {
        StreamObserver observer = new(new OneRecord(15, new OffsetRange(2, 20)), new FakeTimeProvider(Now), NullLogger<StreamObserver>.Instance);

        // The record at 15 is a minute old. One of them has computed another there; the others have computed this one, and none of them that is left.
        string?[] replaced = await Task.WhenAll(
            new[] { (16, Now.AddHours(-3)), (16, Now.AddMinutes(-1)), (17, Now.AddHours(-3)) }.Select(async committed =>
                (await observer.ObserveAsync(
                    Sample.Catalog().Streams[0], Committed((14, Now.AddHours(-3)), committed), TestContext.Current.CancellationToken)).Replaced));

        Assert.Contains("the record at offset 15 of partition 1 was appended at 2026-03-04 05:05:07", replaced[0], StringComparison.Ordinal);
        Assert.Equal([null, null], replaced[1..]);
    }

    /// <summary>Half a second behind, which is no reason to look into the log.</summary>
    [Fact]
    public async Task A_log_that_was_seen_to_end_too_early_is_looked_into_once_it_has_grown()
    {
        OneRecord log = new(15, new OffsetRange(2, 10));
        StreamObserver observer = new(log, new FakeTimeProvider(Now), NullLogger<StreamObserver>.Instance);
        StreamStatus other = Committed((16, Now.AddHours(-3)), (20, Now.AddMilliseconds(-500)));
        StreamStatus same = Committed((16, Now.AddMinutes(-1)), (20, Now.AddMilliseconds(-500)));

        Assert.Null(await ReplacedAsync(other));
        log.Offsets = new OffsetRange(2, 20);
        Assert.Contains("the record at offset 15 of partition 0", await ReplacedAsync(other), StringComparison.Ordinal);
        Assert.Contains("the record at offset 15 of partition 0", await ReplacedAsync(other), StringComparison.Ordinal);
        Assert.Null(await ReplacedAsync(same));

        // It is known to be the same one.
        log.CanBeRead = false;
        Assert.Null(await ReplacedAsync(Committed((20, Now.AddMilliseconds(-500)), (20, Now.AddMilliseconds(-500)))));

        async Task<string?> ReplacedAsync(StreamStatus status) =>
            (await observer.ObserveAsync(Sample.Catalog().Streams[0], status, TestContext.Current.CancellationToken)).Replaced;
    }

    /// <summary>Partitions by the first offset that is not committed and the append time of the record before it.</summary>
    private static StreamStatus Committed(params (long Next, DateTimeOffset LastAppended)[] partitions) => new(
        Sample.Stream,
        [
            .. partitions.Select((partition, i) => new PartitionStatus(
                i, partition.Next, 1, null, partition.LastAppended.ToUnixTimeMilliseconds() * 1000, null, 0, 0)),
        ],
        null,
        new Dictionary<Events.RejectReason, long>());

    /// <summary>A log of one record, a minute old. A read goes over four offsets without any at most.</summary>
    private sealed class OneRecord(long record, OffsetRange offsets, bool canBeRead = true) : IEventLog
    {
        public OffsetRange Offsets { get; set; } = offsets;

        public bool CanBeRead { get; set; } = canBeRead;

        public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
        {
            Assert.True(CanBeRead);
            destination.BeginRead(offset);
            if (offset <= record && record - offset < 4)
            {
                destination.Add(record, Now.AddMinutes(-1).ToUnixTimeMilliseconds() * 1000, default, "{}"u8);
            }
            else
            {
                destination.SkipTo(Math.Min(offset + 4, Offsets.End));
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) => ValueTask.FromResult(Offsets);

        public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
