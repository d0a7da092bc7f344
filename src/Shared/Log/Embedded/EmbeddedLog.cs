using Lambda.Time;

namespace Lambda.Log.Embedded;

/// <summary>
/// An <see cref="IEventLog"/> in a local folder, for one process. Appends of any number of callers share synced writes; readers are woken
/// when there is something new. A completed append survives a crash of the process and of the machine.
/// </summary>
/// <remarks>
/// <see cref="IEventLog.TrimAsync"/> makes exactly the given offset the low one; disk space comes back in whole chunks. Reads run on the
/// caller's thread. An append that the writer has begun with is no longer cancelled, so that the records are never in use after the call.
/// </remarks>
public sealed class EmbeddedLog : IEventLog
{
    private const int MaxPartitions = 4096;
    private const int PooledRequests = 256;

    private readonly LogFolder _folder;
    private readonly StreamCatalog _catalog;
    private readonly LogWriter _writer;
    private readonly PartitionReader _reader;
    private readonly AppendRequestPool _requests = new(PooledRequests);
    private readonly int _maxRecordBytes;
    private int _disposed;

    private EmbeddedLog(LogFolder folder, StreamCatalog catalog, EmbeddedLogOptions options, TimeProvider time)
    {
        _folder = folder;
        _catalog = catalog;
        _reader = new PartitionReader(folder);
        _maxRecordBytes = options.MaxRecordBytes;
        _writer = new LogWriter(folder, catalog, options, time);
    }

    /// <summary>What tells this log from others; a copy of the folder has the same.</summary>
    internal Guid Identity => _folder.Identity;

    /// <summary>Opens the log in <see cref="EmbeddedLogOptions.Folder"/> and makes the folder when it is missing.</summary>
    /// <param name="options">Where the log is and how much it takes.</param>
    /// <param name="time">Gives the append times.</param>
    /// <exception cref="EventLogException">
    /// An option is out of range; the folder is not writable, in use by another process, damaged, or has lost acknowledged records.
    /// </exception>
    public static EmbeddedLog Open(EmbeddedLogOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        LogFolder folder = LogFolder.Open(options);
        try
        {
            return new EmbeddedLog(folder, StreamCatalog.Load(folder), options, time);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        StreamName.Check(stream);
        if (partitions is < 1 or > MaxPartitions)
        {
            throw new EventLogException(
                $"Stream '{stream}' cannot have {partitions} partitions; choose a number between 1 and {MaxPartitions}.");
        }

        return _catalog.TryFind(stream, out StreamState? existing)
            ? existing.Partitions.Length
            : await _writer.DoAsync(new EnsureStreamCommand(stream, partitions), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            ThrowIfDisposed();
            return new ValueTask<int>(_catalog.Find(stream).Partitions.Length);
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(string stream, RecordBatch records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            ThrowIfDisposed();
            StreamState state = _catalog.Find(stream);
            CheckSizes(stream, records);
            return records.Count == 0
                ? ValueTask.CompletedTask
                : _writer.AppendAsync(_requests.Rent(state, records), cancellationToken);
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            _reader.Read(Find(stream, partition), offset, destination);
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask WaitAsync(string stream, int partition, long offset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        try
        {
            return Find(stream, partition).WaitAsync(offset, cancellationToken);
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        try
        {
            PartitionState state = Find(stream, partition);
            return new ValueTask<OffsetRange>(new OffsetRange(state.Low, state.End));
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException<OffsetRange>(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        try
        {
            return new ValueTask<long>(_reader.Find(Find(stream, partition), UtcMicroseconds.AtOrAfter(time)));
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException<long>(e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        await _writer.DoAsync(new TrimCommand(Find(stream, partition), before), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes the appends that were taken, ends all waits with <see cref="ObjectDisposedException"/> and closes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _writer.StopAsync().ConfigureAwait(false);
        foreach (PartitionState partition in _catalog.All.SelectMany(stream => stream.Partitions))
        {
            partition.Close();
        }

        _writer.Dispose();
        _folder.Dispose();
    }

    private PartitionState Find(string stream, int partition)
    {
        ThrowIfDisposed();
        return _catalog.Find(stream).Partition(partition);
    }

    private void CheckSizes(string stream, RecordBatch records)
    {
        for (int i = 0; i < records.Count; i++)
        {
            int length = records.Key(i).Length + records.Value(i).Length;
            if (length > _maxRecordBytes)
            {
                throw new RecordTooLargeException(
                    $"Stream '{stream}': record {i} of the append has {length} bytes of key and value, and the log takes at most "
                    + $"{_maxRecordBytes}. Nothing of the append was taken. Make the record smaller, or raise "
                    + $"{nameof(EmbeddedLogOptions)}.{nameof(EmbeddedLogOptions.MaxRecordBytes)}.");
            }
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
