using Lambda.Log;
using Lambda.Speed.Telemetry;

namespace Lambda.Hosting.Composition;

/// <summary>
/// The log for whoever appends in a process that computes it: takes nothing where a partition stands still because the log was restored from an older copy or made anew.
/// What it took then would be acknowledged, and computed by nobody.
/// </summary>
/// <param name="log">The log, which stays open.</param>
/// <param name="board">What stands still.</param>
internal sealed class ComputedLog(IEventLog log, PartitionBoard board) : IEventLog
{
    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken)
    {
        board.RequireLogOf(stream);
        return log.AppendAsync(stream, records, cancellationToken);
    }

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        log.EnsureStreamAsync(stream, partitions, cancellationToken);

    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => log.CountPartitionsAsync(stream, cancellationToken);

    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
        log.ReadAsync(stream, partition, offset, destination, cancellationToken);

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        log.WaitAsync(stream, partition, offset, cancellationToken);

    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) =>
        log.GetOffsetsAsync(stream, partition, cancellationToken);

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        log.FindOffsetAsync(stream, partition, time, cancellationToken);

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        log.TrimAsync(stream, partition, before, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
