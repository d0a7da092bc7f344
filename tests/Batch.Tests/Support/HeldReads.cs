using Lambda.Log;

namespace Lambda.Batch.Tests.Support;

/// <summary>A log whose records nobody gets before the test lets them go, as if reading took long.</summary>
/// <param name="inner">The log.</param>
internal sealed class HeldReads(IEventLog inner) : IEventLog, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when somebody reads.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets all who read go on.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
        await inner.ReadAsync(stream, partition, offset, destination, cancellationToken);
    }

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        inner.EnsureStreamAsync(stream, partitions, cancellationToken);

    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => inner.CountPartitionsAsync(stream, cancellationToken);

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => inner.AppendAsync(stream, records, cancellationToken);

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        inner.WaitAsync(stream, partition, offset, cancellationToken);

    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) =>
        inner.GetOffsetsAsync(stream, partition, cancellationToken);

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        inner.FindOffsetAsync(stream, partition, time, cancellationToken);

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        inner.TrimAsync(stream, partition, before, cancellationToken);

    /// <summary>Whatever became of the test: a job that never ends would keep its host from stopping.</summary>
    public void Dispose() => Release();

    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }
}
