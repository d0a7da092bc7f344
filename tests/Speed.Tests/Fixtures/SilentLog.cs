using Lambda.Log;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A log that never says where one of its streams ends, and does not listen when it is asked to give up.</summary>
internal sealed class SilentLog(IEventLog inner, string stream) : IEventLog
{
    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        inner.EnsureStreamAsync(stream, partitions, cancellationToken);

    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => inner.CountPartitionsAsync(stream, cancellationToken);

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) =>
        inner.AppendAsync(stream, records, cancellationToken);

    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(stream, partition, offset, destination, cancellationToken);

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        inner.WaitAsync(stream, partition, offset, cancellationToken);

    public ValueTask<OffsetRange> GetOffsetsAsync(string name, int partition, CancellationToken cancellationToken) =>
        name == stream ? new(new TaskCompletionSource<OffsetRange>().Task) : inner.GetOffsetsAsync(name, partition, cancellationToken);

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        inner.FindOffsetAsync(stream, partition, time, cancellationToken);

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        inner.TrimAsync(stream, partition, before, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
