using System.Collections.Concurrent;
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

    /// <summary>Topics get partitions by hand, if ever.</summary>
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(10);

    /// <summary>For how long a topic is taken for the one that it was.</summary>
    private static readonly TimeSpan IdentifiedFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long a topic has to be missed to be gone.</summary>
    private static readonly TimeSpan MissedFor = TimeSpan.FromSeconds(1);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly IAdminClient _brokers;
    private readonly KafkaTopics _topics;
    private readonly KafkaOffsets _offsets;
    private readonly ReaderClients _clients;
    private readonly KafkaAppender _appender;
    private readonly ConcurrentDictionary<string, KafkaStream> _streams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (int Partitions, long At)> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _identified = new(StringComparer.Ordinal);
    private readonly ITimer _cleaning;
    private int _disposed;

    private KafkaLog(KafkaOptions options, ILogger logger, TimeProvider time)
    {
        _options = options;
        _time = time;
        logger = new SparingLogger(logger, time);
        KafkaConnection connection = new(options, time);
        _brokers = KafkaAdministration.Open(options, connection, logger);
        _topics = new KafkaTopics(_brokers, connection, options, logger, time);
        _offsets = new KafkaOffsets(_brokers, connection, options, logger, time);
        _clients = new ReaderClients(options, logger);
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

        if (!_streams.TryGetValue(stream, out KafkaStream? known))
        {
            string topic = _options.TopicOf(stream);
            FoundTopic there = await _topics.LookUpAsync(stream, topic, cancellationToken).ConfigureAwait(false)
                ?? await _topics.MakeAsync(stream, topic, partitions, cancellationToken).ConfigureAwait(false);
            known = Add(stream, topic, there);
        }

        return known.Partitions.Count;
    }

    /// <inheritdoc/>
    /// <remarks>Asks the brokers at most every ten seconds.</remarks>
    public async ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        if (_counts.TryGetValue(stream, out (int Partitions, long At) last) && _time.GetElapsedTime(last.At) < CountedFor)
        {
            return last.Partitions;
        }

        KafkaStream found = await FindAsync(stream, cancellationToken).ConfigureAwait(false);
        int partitions = (await _topics.LookAgainAsync(stream, found.Topic, cancellationToken).ConfigureAwait(false))?.Partitions ?? found.Partitions.Count;
        _counts[stream] = (partitions, _time.GetTimestamp());
        return partitions;
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
            if (!_streams.TryGetValue(stream, out KafkaStream? known))
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
            return _streams.TryGetValue(stream, out KafkaStream? known) && known.Has(partition)
                ? known.Partition(partition).ReadAsync(offset, destination, cancellationToken)
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
            return _streams.TryGetValue(stream, out KafkaStream? known) && known.Has(partition)
                ? known.Partition(partition).WaitAsync(offset, cancellationToken)
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
        await RequireTopicAsync(found, cancellationToken).ConfigureAwait(false);
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
        foreach (PartitionSource partition in _streams.Values.SelectMany(stream => stream.Partitions))
        {
            await partition.Readers.CloseAsync().ConfigureAwait(false);
        }

        // Ending a client takes its threads some hundred milliseconds.
        await Task.Run(
            () =>
            {
                _clients.Dispose();
                _brokers.Dispose();
            }).ConfigureAwait(false);
    }

    /// <summary>Takes a stream as there without asking for its topic: clusters in memory that tests use cannot describe topics.</summary>
    internal void Assume(string stream, int partitions) => Add(stream, _options.TopicOf(stream), new FoundTopic(partitions, Id: null));

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

    /// <exception cref="EventLogException">There is no such stream.</exception>
    private async ValueTask<KafkaStream> FindAsync(string stream, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        if (_streams.TryGetValue(stream, out KafkaStream? known))
        {
            return known;
        }

        StreamName.Check(stream);
        string topic = _options.TopicOf(stream);
        return await _topics.LookUpAsync(stream, topic, cancellationToken).ConfigureAwait(false) is { } there
            ? Add(stream, topic, there)
            : throw new EventLogException(
                $"The log has no stream '{stream}': the brokers at {_options.BootstrapServers} have no topic '{topic}'. Declare the stream before it is used.");
    }

    /// <summary>Finds a stream, with the partitions that its topic has got since when it is asked for one of them.</summary>
    /// <exception cref="EventLogException">There is no such stream, or its topic is another one by now.</exception>
    private async ValueTask<KafkaStream> FindAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        KafkaStream known = await FindAsync(stream, cancellationToken).ConfigureAwait(false);
        if (known.Has(partition) || await _topics.LookAgainAsync(stream, known.Topic, cancellationToken).ConfigureAwait(false) is not { } now)
        {
            return known;
        }

        known.Identify(now.Id);
        return _streams.AddOrUpdate(
            stream,
            _ => known,
            (_, newest) => newest.Partitions.Count >= now.Partitions
                ? newest
                : newest.With(Sources(stream, known.Topic, newest.Partitions.Count, now.Partitions)));
    }

    private KafkaStream Add(string stream, string topic, FoundTopic there) =>
        _streams.GetOrAdd(stream, _ => new KafkaStream(stream, topic, there.Id, Sources(stream, topic, 0, there.Partitions)));

    private PartitionSource[] Sources(string stream, string topic, int from, int to) => [.. Enumerable.Range(from, to - from).Select(partition => new PartitionSource(
        stream, topic, partition, _offsets, new PartitionReaders(_clients, topic, partition, _time), _options, _time))];

    /// <summary>Makes sure that the topic is there, and the one that was found first.</summary>
    /// <exception cref="EventLogException">It is not, or the brokers do not answer.</exception>
    private async ValueTask RequireTopicAsync(KafkaStream stream, CancellationToken cancellationToken)
    {
        if (stream.TopicId is null || (_identified.TryGetValue(stream.Name, out long last) && _time.GetElapsedTime(last) < IdentifiedFor))
        {
            return;
        }

        long began = _time.GetTimestamp();
        FoundTopic? now;
        while ((now = await _topics.LookAgainAsync(stream.Name, stream.Topic, cancellationToken).ConfigureAwait(false)) is null)
        {
            // A broker that has just started, or has just been told of the topic's making by another, may not know it for a moment.
            if (_time.GetElapsedTime(began) > MissedFor)
            {
                throw new EventLogException(
                    $"Stream '{stream.Name}': the brokers at {_options.BootstrapServers} have no topic '{stream.Topic}' any more: it was deleted. Bring it back from a copy; "
                    + "one that is made anew has the offsets of the records that were computed, and is not read on.");
            }

            await Task.Delay(LookAgainAfter, _time, cancellationToken).ConfigureAwait(false);
        }

        stream.Identify(now.Value.Id);
        _identified[stream.Name] = _time.GetTimestamp();
    }

    private void CloseUnusedReaders()
    {
        foreach (PartitionSource partition in _streams.Values.SelectMany(stream => stream.Partitions))
        {
            partition.Readers.CloseIdle(ReadersUnusedFor);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
