namespace Lambda.Log.Embedded;

/// <summary>What is known in memory of one partition. Only the log's writer changes it; any thread reads it.</summary>
internal sealed class PartitionState(StreamState stream, int index)
{
    private readonly Lock _lock = new();

    // Completed and replaced whenever _end grows; null while nobody waits.
    private TaskCompletionSource? _grown;
    private bool _closed;

    // Only grows. Every offset below it is durable.
    private long _end;

    // _low <= _trimming <= _end. Chunks below _trimming may already be gone from the store; _low follows when that is durable.
    private long _low;
    private long _trimming;

    public StreamState Stream { get; } = stream;

    public int Index { get; } = index;

    public long End => Volatile.Read(ref _end);

    public long Low => Volatile.Read(ref _low);

    /// <summary>Chunks that end at or below this offset may be gone.</summary>
    public long TrimmedTo => Volatile.Read(ref _trimming);

    /// <summary>The append time of the newest record, in UTC microseconds; for the writer only.</summary>
    public long LastAppendedAt { get; private set; }

    /// <summary>Takes over what the store holds when the log is opened.</summary>
    public void Restore(OffsetRange offsets, long lastAppendedAt)
    {
        _low = _trimming = offsets.Start;
        _end = offsets.End;
        LastAppendedAt = lastAppendedAt;
    }

    /// <summary>Lets readers see the records below <paramref name="end"/>, which are durable.</summary>
    public void Publish(long end, long appendedAt)
    {
        TaskCompletionSource? grown;
        LastAppendedAt = appendedAt;
        lock (_lock)
        {
            Volatile.Write(ref _end, end);
            grown = _grown;
            _grown = null;
        }

        grown?.SetResult();
    }

    /// <summary>Completes when <see cref="End"/> is above <paramref name="offset"/>.</summary>
    /// <exception cref="ObjectDisposedException">The log was closed.</exception>
    public ValueTask WaitAsync(long offset, CancellationToken cancellationToken) =>
        End > offset ? ValueTask.CompletedTask : new ValueTask(WaitForGrowthAsync(offset, cancellationToken));

    /// <summary>Ends all waits.</summary>
    public void Close()
    {
        TaskCompletionSource? grown;
        lock (_lock)
        {
            _closed = true;
            grown = _grown;
            _grown = null;
        }

        grown?.SetResult();
    }

    /// <summary>From now on chunks below <paramref name="before"/> may be missing.</summary>
    public void BeginTrim(long before) => Volatile.Write(ref _trimming, before);

    /// <summary>Ends what <see cref="BeginTrim"/> began, with the low offset that is now durable.</summary>
    public void EndTrim(long low)
    {
        Volatile.Write(ref _low, low);
        Volatile.Write(ref _trimming, low);
    }

    /// <exception cref="OffsetTrimmedException">The record is gone.</exception>
    public void ThrowIfTrimmed(long offset)
    {
        long low = TrimmedTo;
        if (offset < low)
        {
            throw new OffsetTrimmedException(Stream.Name, Index, offset, low);
        }
    }

    private async Task WaitForGrowthAsync(long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_lock)
            {
                if (_end > offset)
                {
                    return;
                }

                ObjectDisposedException.ThrowIf(_closed, typeof(EmbeddedLog));
                _grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
