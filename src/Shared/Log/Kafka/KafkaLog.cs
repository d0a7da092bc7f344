using Confluent.Kafka;
using Lambda.Log.Kafka.Appending;
using Lambda.Log.Kafka.Reading;
using Lambda.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Log.Kafka;

/// <summary>
/// An <see cref="IEventLog"/> in the topics of a Kafka cluster. A stream is a topic, and a topic that does not exist is made. Any number of processes
/// may use it at once.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>An append has completed when all in-sync replicas have every record; how many these are is for the topic's settings to say.</item>
/// <item>Transactions are seen when they are committed. Their markers, records of aborted ones and those that compaction has removed are offsets without records.</item>
/// <item>A record's append time is the timestamp that is stored with it: the same for every reader, in milliseconds. It can step back with the clock of a broker.</item>
/// <item>A record without a value, a tombstone, is read as one with an empty value. Headers are not read.</item>
/// </list>
/// A broker that cannot be reached makes calls wait, up to the options' timeouts; waits for records just go on.
/// </remarks>
public sealed class KafkaLog : IEventLog
{
    private static readonly TimeSpan ReadersUnusedFor = TimeSpan.FromSeconds(30);

    private readonly IAdminClient _brokers;
    private readonly FoundStreams _streams;
    private readonly KafkaOffsets _offsets;
    private readonly ReaderClients _clients;
    private readonly KafkaAppender _appender;
    private readonly ITimer _cleaning;
    private int _disposed;

    private KafkaLog(KafkaOptions options, ILogger logger, TimeProvider time)
    {
        logger = new SparingLogger(logger, time);
        KafkaConnection connection = new(options, time);
        _brokers = KafkaAdministration.Open(options, connection, logger);
        _offsets = new KafkaOffsets(_brokers, connection, options, logger, time);
        _clients = new ReaderClients(options, logger);
        _streams = new FoundStreams(new KafkaTopics(_brokers, connection, options, logger, time), _offsets, _clients, options, time);
        _appender = new KafkaAppender(options, logger);
        _cleaning = time.CreateTimer(static log => ((KafkaLog)log!).CloseUnusedReaders(), this, ReadersUnusedFor / 3, ReadersUnusedFor / 3);
    }

    /// <summary>Opens the log. Brokers are first asked when a stream is used.</summary>
    /// <param name="options">Where the brokers are and how they are used.</param>
    /// <param name="time">Measures how long readers are unused and brokers do not answer.</param>
    /// <param name="logger">Gets what librdkafka and the log have to say to operators.</param>
    /// <exception cref="EventLogException">An option is out of range, or librdkafka does not take a setting.</exception>
    public static KafkaLog Open(KafkaOptions options, TimeProvider time, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        return new KafkaLog(options, logger ?? NullLogger.Instance, time);
    }

    /// <inheritdoc/>
    public async ValueTask<int> EnsureStreamAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        StreamName.Check(stream);
        if (partitions < 1)
        {
            throw new EventLogException($"Stream '{stream}' cannot have {partitions} partitions; choose a number of at least 1.");
        }

        return (await _streams.FindOrMakeAsync(stream, partitions, cancellationToken).ConfigureAwait(false)).Partitions.Count;
    }

    /// <inheritdoc/>
    /// <remarks>Asks the brokers at most every ten seconds.</remarks>
    public async ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return await _streams.CountPartitionsAsync(stream, cancellationToken).ConfigureAwait(false);
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
            if (_streams.Known(stream) is not { } known)
            {
                return AppendToFoundAsync(stream, records, cancellationToken);
            }

            known.ThrowIfReplaced();
            return _appender.AppendAsync(known, records, cancellationToken);
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
            ThrowIfDisposed();
            return _streams.Known(stream, partition) is { } known
                ? known.ReadAsync(offset, destination, cancellationToken)
                : ReadFoundAsync(stream, partition, offset, destination, cancellationToken);
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
            ThrowIfDisposed();
            return _streams.Known(stream, partition) is { } known
                ? known.WaitAsync(offset, cancellationToken)
                : WaitForFoundAsync(stream, partition, offset, cancellationToken);
        }
        catch (Exception e) when (e is EventLogException or ObjectDisposedException)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The end is the last stable offset: no record of a transaction that is still open lies below it. That the topic still is the one that was found first is
    /// asked at most once a second: whoever looks at offsets now and then has all of this log refuse one that was made anew.
    /// </remarks>
    /// <exception cref="LogReplacedException">The topic was deleted and made anew.</exception>
    public async ValueTask<OffsetRange> GetOffsetsAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        KafkaStream found = await FindAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        PartitionSource source = found.Partition(partition);
        await _streams.RequireTopicAsync(found, cancellationToken).ConfigureAwait(false);
        return await source.OffsetsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Kafka keeps times in milliseconds. The offset found can lie before the record's, with only offsets without records between them.</remarks>
    public async ValueTask<long> FindOffsetAsync(string stream, int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        KafkaStream found = await FindAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        PartitionSource source = found.Partition(partition);
        long milliseconds = Math.Max(0, UtcMicroseconds.AtOrAfter(time) + 999) / 1000;
        return await _offsets.AtAsync(stream, found.Topic, partition, milliseconds, cancellationToken).ConfigureAwait(false)
            ?? (await source.OffsetsAsync(cancellationToken).ConfigureAwait(false)).End;
    }

    /// <inheritdoc/>
    /// <remarks>A topic that is compacted and never removes records by age keeps them all.</remarks>
    public async ValueTask TrimAsync(string stream, int partition, long before, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        KafkaStream found = await FindAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        OffsetRange there = await found.Partition(partition).OffsetsAsync(cancellationToken).ConfigureAwait(false);
        if (before > there.Start)
        {
            await _offsets.RemoveAsync(stream, found.Topic, partition, Math.Min(before, there.End), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finishes the appends that were taken, ends all waits with <see cref="ObjectDisposedException"/> and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _cleaning.DisposeAsync().ConfigureAwait(false);
        await _appender.DisposeAsync().ConfigureAwait(false);
        foreach (PartitionSource partition in _streams.Partitions)
        {
            await partition.Readers.CloseAsync().ConfigureAwait(false);
        }

        // Ending a client takes its threads up to some hundred milliseconds.
        await Task.WhenAll(Task.Run(_clients.Dispose), Task.Run(_brokers.Dispose)).ConfigureAwait(false);
    }

    /// <summary>Takes a stream as there without asking for its topic: clusters in memory that tests use cannot describe topics.</summary>
    internal void Assume(string stream, int partitions) => _streams.Assume(stream, partitions);

    private async ValueTask AppendToFoundAsync(string stream, RecordBatch records, CancellationToken cancellationToken)
    {
        KafkaStream found = await FindAsync(stream, cancellationToken).ConfigureAwait(false);
        await _appender.AppendAsync(found, records, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReadFoundAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
    {
        KafkaStream found = await FindAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        await found.Partition(partition).ReadAsync(offset, destination, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WaitForFoundAsync(string stream, int partition, long offset, CancellationToken cancellationToken)
    {
        KafkaStream found = await FindAsync(stream, partition, cancellationToken).ConfigureAwait(false);
        await found.Partition(partition).WaitAsync(offset, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<KafkaStream> FindAsync(string stream, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _streams.FindAsync(stream, cancellationToken);
    }

    private ValueTask<KafkaStream> FindAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _streams.FindAsync(stream, partition, cancellationToken);
    }

    private void CloseUnusedReaders()
    {
        foreach (PartitionSource partition in _streams.Partitions)
        {
            partition.Readers.CloseIdle(ReadersUnusedFor);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
