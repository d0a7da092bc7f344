using Lambda.Log;

namespace Lambda.Batch.Tests.Support;

/// <summary>
/// A log in memory whose partitions, append times and offsets the test chooses. Where offsets have no record, reads end before them, within them or behind
/// them, depending on the place.
/// </summary>
internal sealed class MemoryLog : IEventLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Partition[]> _streams = [];

    /// <summary>Has an empty partition begin at an offset.</summary>
    public void BeginAt(string stream, int partition, long offset)
    {
        lock (_lock)
        {
            _streams[stream][partition].Start = _streams[stream][partition].End = offset;
        }
    }

    /// <summary>Appends a record, and returns its offset.</summary>
    public long Append(string stream, int partition, long appendedAt, byte[] value)
    {
        lock (_lock)
        {
            Partition log = _streams[stream][partition];
            log.Records.Add((log.End, appendedAt, "key"u8.ToArray(), value));
            return log.End++;
        }
    }

    /// <summary>Leaves the next offsets without a record.</summary>
    public void Skip(string stream, int partition, long count)
    {
        lock (_lock)
        {
            _streams[stream][partition].End += count;
        }
    }

    /// <summary>Removes a record as compaction does, which leaves its offset without one.</summary>
    public void Remove(string stream, int partition, long offset)
    {
        lock (_lock)
        {
            _streams[stream][partition].Records.RemoveAll(record => record.Offset == offset);
        }
    }

    /// <summary>Has records be appended later than they were, as those of a log are that was made anew and has grown as far.</summary>
    public void Postpone(string stream, int partition, long microseconds)
    {
        lock (_lock)
        {
            List<(long Offset, long AppendedAt, byte[] Key, byte[] Value)> records = _streams[stream][partition].Records;
            for (int i = 0; i < records.Count; i++)
            {
                records[i] = records[i] with { AppendedAt = records[i].AppendedAt + microseconds };
            }
        }
    }

    public ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(stream, out Partition[]? logs))
            {
                _streams[stream] = logs = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];
            }

            return ValueTask.FromResult(logs.Length);
        }
    }

    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Partition log = _streams[stream][partition];
            if (offset < log.Start)
            {
                throw new OffsetTrimmedException(stream, partition, offset, log.Start);
            }

            log.Read(offset, destination);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Partition log = _streams[stream][partition];
            return ValueTask.FromResult(new OffsetRange(log.Start, log.End));
        }
    }

    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            long microseconds = Lambda.Time.UtcMicroseconds.From(time);
            Partition log = _streams[stream][partition];
            int found = log.Records.FindIndex(record => record.AppendedAt >= microseconds);
            return ValueTask.FromResult(found < 0 ? log.End : log.Records[found].Offset);
        }
    }

    public ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Partition log = _streams[stream][partition];
            log.Start = Math.Max(before, log.Start);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Partition
    {
        public List<(long Offset, long AppendedAt, byte[] Key, byte[] Value)> Records { get; } = [];

        public long Start { get; set; }

        public long End { get; set; }

        public void Read(long offset, RecordBatch destination)
        {
            destination.BeginRead(offset);
            int index = Records.FindIndex(record => record.Offset >= offset);
            for (; index >= 0 && index < Records.Count; index++)
            {
                var (at, appendedAt, key, value) = Records[index];
                if (destination.IsFullFor(key.Length + value.Length) || EndsInVoid(destination, at))
                {
                    return;
                }

                destination.Add(at, appendedAt, key, value);
            }

            if (offset < End)
            {
                EndsInVoid(destination, End);
                destination.SkipTo(destination.Count == 0 && destination.NextOffset == offset ? End : destination.NextOffset);
            }
        }

        /// <summary>Whether a read ends at or within the offsets without a record that lie before <paramref name="next"/>.</summary>
        private static bool EndsInVoid(RecordBatch destination, long next)
        {
            long length = next - destination.NextOffset;
            if (length <= 0)
            {
                return false;
            }

            switch (next % 4)
            {
                case 0 when destination.Count > 0:
                    return true;
                case 1:
                    destination.SkipTo(next);
                    return true;
                case 2 when length > 1:
                    destination.SkipTo(destination.NextOffset + (length / 2));
                    return true;
                default:
                    return false;
            }
        }
    }
}
