namespace Lambda.Speed;

/// <summary>How far each partition has been committed by this process, for those who wait for it.</summary>
internal sealed class CommittedOffsets
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Stream, int Partition), long> _offsets = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes note that a partition has been committed up to <paramref name="nextOffset"/>, exclusive.</summary>
    public void Report(string stream, int partition, long nextOffset)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _offsets[(stream, partition)] = nextOffset;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>The first offset of a partition that is not committed; null when this process has not claimed it.</summary>
    public long? Find(string stream, int partition)
    {
        lock (_lock)
        {
            return _offsets.TryGetValue((stream, partition), out long offset) ? offset : null;
        }
    }

    /// <summary>Completes when every partition of a stream, by number, is committed up to the given offset, exclusive.</summary>
    public async Task WaitAsync(string stream, IReadOnlyList<long> offsets, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                bool isThere = Enumerable.Range(0, offsets.Count)
                    .All(partition => offsets[partition] == 0 || _offsets.GetValueOrDefault((stream, partition)) >= offsets[partition]);
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
