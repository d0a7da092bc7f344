using Lambda.Log;

namespace Lambda.Batch.Tests.Support;

/// <summary>A log in memory whose partitions and append times the test chooses.</summary>
internal sealed class MemoryLog : IEventLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(long AppendedAt, byte[] Key, byte[] Value)>[]> _streams = [];
    private readonly Dictionary<(string Stream, int Partition), long> _starts = [];

    public void Append(string stream, int partition, long appendedAt, byte[] value)
    {
        lock (_lock)
        {
            _streams[stream][partition].Add((appendedAt, "key"u8.ToArray(), value));
        }
    }

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(stream, out var logs))
            {
                _streams[stream] = logs = [.. Enumerable.Range(0, partitions).Select(_ => new List<(long, byte[], byte[])>())];
            }

            return ValueTask.FromResult(logs.Length);
        }
    }

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            long start = _starts.GetValueOrDefault((stream, partition));
            if (offset < start)
            {
                throw new OffsetTrimmedException(stream, partition, offset, start);
            }

            destination.Clear();
            var log = _streams[stream][partition];
            for (long next = offset; next < log.Count; next++)
            {
                var (appendedAt, key, value) = log[(int)next];
                if (destination.IsFullFor(key.Length + value.Length))
                {
                    break;
                }

                destination.Add(next, appendedAt, key, value);
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(new OffsetRange(_starts.GetValueOrDefault((stream, partition)), _streams[stream][partition].Count));
        }
    }

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            long microseconds = Lambda.Time.UtcMicroseconds.From(time);
            int found = _streams[stream][partition].FindIndex(record => record.AppendedAt >= microseconds);
            return ValueTask.FromResult<long>(found < 0 ? _streams[stream][partition].Count : found);
        }
    }

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _starts[(stream, partition)] = Math.Max(before, _starts.GetValueOrDefault((stream, partition)));
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
