using Lambda.Log;

namespace Lambda.Serving.Tests.Running;

/// <summary>A log that can be made to fail.</summary>
internal sealed class FaultyLog(IEventLog log) : IEventLog
{
    /// <summary>Whether every call fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many partitions somebody has added to every stream.</summary>
    public int AddedPartitions { get; set; }

    /// <summary>How often it was asked for partitions.</summary>
    public int Counted { get; private set; }

    private IEventLog Log => IsDown ? throw new EventLogException("The log is down.") : log;

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken) =>
        Log.EnsureStreamAsync(stream, partitions, cancellationToken);

    public async ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        Counted++;
        return await Log.CountPartitionsAsync(stream, cancellationToken) + AddedPartitions;
    }

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) =>
        Log.AppendAsync(stream, records, cancellationToken);

    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken) =>
        Log.ReadAsync(stream, partition, offset, destination, cancellationToken);

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) =>
        Log.WaitAsync(stream, partition, offset, cancellationToken);

    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken) =>
        Log.GetOffsetsAsync(stream, partition, cancellationToken);

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        Log.FindOffsetAsync(stream, partition, time, cancellationToken);

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken) =>
        Log.TrimAsync(stream, partition, before, cancellationToken);

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
