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

    /// <summary>A log of one record, a minute old. A read goes over four offsets without any at most.</summary>
    private sealed class OneRecord(long record, OffsetRange offsets) : IEventLog
    {
        public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
        {
            destination.BeginRead(offset);
            if (offset <= record && record - offset < 4)
            {
                destination.Add(record, Now.AddMinutes(-1).ToUnixTimeMilliseconds() * 1000, default, "{}"u8);
            }
            else
            {
                destination.SkipTo(Math.Min(offset + 4, offsets.End));
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) => ValueTask.FromResult(offsets);

        public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
