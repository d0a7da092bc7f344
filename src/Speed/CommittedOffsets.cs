using Lambda.Log;

namespace Lambda.Speed;

/// <summary>
/// How far the partitions that are this process's have been committed, for those in it who wait for that. What other processes commit only the store knows.
/// </summary>
internal sealed class CommittedOffsets
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamPartition, long> _offsets = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A partition was claimed at an offset, or committed up to it, exclusive. Handlers must not fail or wait.</summary>
    public event Action<StreamPartition, long>? Advanced;

    /// <summary>Takes note that a partition has been committed up to <paramref name="nextOffset"/>, exclusive.</summary>
    public void Report(string stream, int partition, long nextOffset)
    {
        StreamPartition key = new(stream, partition);
        TaskCompletionSource changed;
        lock (_lock)
        {
            _offsets[key] = nextOffset;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        Advanced?.Invoke(key, nextOffset);
    }

    /// <summary>Takes note that a partition is no longer this process's.</summary>
    public void Forget(string stream, int partition)
    {
        lock (_lock)
        {
            _offsets.Remove(new StreamPartition(stream, partition));
        }
    }

    /// <summary>The first offset of a partition that is not committed; null when it is not this process's.</summary>
    public long? Find(string stream, int partition)
    {
        lock (_lock)
        {
            return _offsets.TryGetValue(new StreamPartition(stream, partition), out long offset) ? offset : null;
        }
    }

    /// <summary>Completes when every partition of a stream, by number, is committed by this process up to the given offset, exclusive.</summary>
    public async Task WaitAsync(string stream, IReadOnlyList<long> offsets, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                bool isThere = Enumerable.Range(0, offsets.Count).All(partition =>
                    offsets[partition] == 0 || _offsets.GetValueOrDefault(new StreamPartition(stream, partition)) >= offsets[partition]);
                if (isThere)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
