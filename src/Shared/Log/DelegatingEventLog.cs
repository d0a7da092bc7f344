namespace Lambda.Log;

/// <summary>A log that passes every call on to another one. What derives from it overrides the calls that are to differ.</summary>
/// <param name="inner">The other log, which stays open when this one is disposed of.</param>
internal abstract class DelegatingEventLog(IEventLog inner) : IEventLog
{
    /// <summary>The other log, asked for at every call.</summary>
    protected virtual IEventLog Inner => inner;

    /// <inheritdoc/>
    public virtual ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        Inner.EnsureStreamAsync(stream, partitions, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) =>
        Inner.CountPartitionsAsync(stream, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) =>
        Inner.AppendAsync(stream, records, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
        Inner.ReadAsync(stream, partition, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        Inner.WaitAsync(stream, partition, offset, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) =>
        Inner.GetOffsetsAsync(stream, partition, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        Inner.FindOffsetAsync(stream, partition, time, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        Inner.TrimAsync(stream, partition, before, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
