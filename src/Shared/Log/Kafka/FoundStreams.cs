using System.Collections.Concurrent;
using Lambda.Log.Kafka.Reading;

namespace Lambda.Log.Kafka;

/// <summary>The streams of a log that were found in the cluster: each with the topic that it was found to be, and with the partitions that it was asked for.</summary>
internal sealed class FoundStreams(KafkaTopics topics, KafkaOffsets offsets, ReaderClients clients, KafkaOptions options, TimeProvider time)
{
    /// <summary>Topics get partitions by hand, if ever.</summary>
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(10);

    /// <summary>For how long a topic is taken for the one that it was.</summary>
    private static readonly TimeSpan IdentifiedFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long a topic has to be missed to be gone.</summary>
    private static readonly TimeSpan MissedFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, KafkaStream> _found = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (int Partitions, long At)> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _identified = new(StringComparer.Ordinal);

    /// <summary>The partitions of all streams that were found.</summary>
    public IEnumerable<PartitionSource> Partitions => _found.Values.SelectMany(stream => stream.Partitions);

    /// <summary>A stream that was found before; null when it has to be looked for.</summary>
    public KafkaStream? Known(string stream) => _found.GetValueOrDefault(stream);

    /// <summary>A partition of a stream that was found before; null when either has to be looked for.</summary>
    public PartitionSource? Known(string stream, int partition) =>
        _found.TryGetValue(stream, out KafkaStream? known) && known.Has(partition) ? known.Partition(partition) : null;

    /// <summary>Takes a stream as there without asking for its topic.</summary>
    public void Assume(string stream, int partitions) => Add(stream, options.TopicOf(stream), new FoundTopic(partitions, Id: null));

    /// <summary>Finds a stream, and makes its topic when there is none.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse the topic.</exception>
    public async ValueTask<KafkaStream> FindOrMakeAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        if (Known(stream) is { } known)
        {
            return known;
        }

        string topic = options.TopicOf(stream);
        FoundTopic there = await topics.LookUpAsync(stream, topic, cancellationToken).ConfigureAwait(false)
            ?? await topics.MakeAsync(stream, topic, partitions, cancellationToken).ConfigureAwait(false);
        return Add(stream, topic, there);
    }

    /// <exception cref="EventLogException">There is no such stream.</exception>
    public async ValueTask<KafkaStream> FindAsync(string stream, CancellationToken cancellationToken)
    {
        if (Known(stream) is { } known)
        {
            return known;
        }

        StreamName.Check(stream);
        string topic = options.TopicOf(stream);
        return await topics.LookUpAsync(stream, topic, cancellationToken).ConfigureAwait(false) is { } there
            ? Add(stream, topic, there)
            : throw new EventLogException(
                $"The log has no stream '{stream}': the brokers at {options.BootstrapServers} have no topic '{topic}'. Declare the stream before it is used.");
    }

    /// <summary>Finds a stream, with the partitions that its topic has got since when it is asked for one of them.</summary>
    /// <exception cref="EventLogException">There is no such stream, or its topic is another one by now.</exception>
    public async ValueTask<KafkaStream> FindAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        KafkaStream known = await FindAsync(stream, cancellationToken).ConfigureAwait(false);
        if (known.Has(partition) || await topics.LookAgainAsync(stream, known.Topic, cancellationToken).ConfigureAwait(false) is not { } now)
        {
            return known;
        }

        known.Identify(now.Id);
        return _found.AddOrUpdate(
            stream,
            _ => known,
            (_, newest) => newest.Partitions.Count >= now.Partitions
                ? newest
                : newest.With(Sources(stream, known.Topic, newest.Partitions.Count, now.Partitions)));
    }

    /// <summary>How many partitions the topic of a stream has, asked at most every ten seconds.</summary>
    /// <exception cref="EventLogException">There is no such stream.</exception>
    public async ValueTask<int> CountPartitionsAsync(string stream, CancellationToken cancellationToken)
    {
        if (_counts.TryGetValue(stream, out (int Partitions, long At) last) && time.GetElapsedTime(last.At) < CountedFor)
        {
            return last.Partitions;
        }

        KafkaStream found = await FindAsync(stream, cancellationToken).ConfigureAwait(false);
        int partitions = (await topics.LookAgainAsync(stream, found.Topic, cancellationToken).ConfigureAwait(false))?.Partitions ?? found.Partitions.Count;
        _counts[stream] = (partitions, time.GetTimestamp());
        return partitions;
    }

    /// <summary>Makes sure that the topic of a stream is there, and the one that was found first; asked at most once a second.</summary>
    /// <exception cref="EventLogException">It is not, or the brokers do not answer.</exception>
    public async ValueTask RequireTopicAsync(KafkaStream stream, CancellationToken cancellationToken)
    {
        if (stream.TopicId is null || (_identified.TryGetValue(stream.Name, out long last) && time.GetElapsedTime(last) < IdentifiedFor))
        {
            return;
        }

        long began = time.GetTimestamp();
        FoundTopic? now;
        while ((now = await topics.LookAgainAsync(stream.Name, stream.Topic, cancellationToken).ConfigureAwait(false)) is null)
        {
            // A broker that has just started, or has just been told of the topic's making by another, may not know it for a moment.
            if (time.GetElapsedTime(began) > MissedFor)
            {
                throw new EventLogException(
                    $"Stream '{stream.Name}': the brokers at {options.BootstrapServers} have no topic '{stream.Topic}' any more: it was deleted. Bring it back from a copy; "
                    + "one that is made anew has the offsets of the records that were computed, and is not read on.");
            }

            await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
        }

        stream.Identify(now.Value.Id);
        _identified[stream.Name] = time.GetTimestamp();
    }

    private KafkaStream Add(string stream, string topic, FoundTopic there) =>
        _found.GetOrAdd(stream, _ => new KafkaStream(stream, topic, there.Id, Sources(stream, topic, 0, there.Partitions)));

    private PartitionSource[] Sources(string stream, string topic, int from, int to) => [.. Enumerable.Range(from, to - from).Select(partition => new PartitionSource(
        stream, topic, partition, offsets, new PartitionReaders(clients, topic, partition, time), options, time))];
}
