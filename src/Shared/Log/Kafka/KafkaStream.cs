using Lambda.Log.Kafka.Reading;

namespace Lambda.Log.Kafka;

/// <summary>A stream whose topic is known to exist.</summary>
internal sealed class KafkaStream(string name, string topic, string? topicId, IReadOnlyList<PartitionSource> partitions)
{
    private volatile LogReplacedException? _replaced;

    private KafkaStream(KafkaStream before, IEnumerable<PartitionSource> added)
        : this(before.Name, before.Topic, before.TopicId, [.. before.Partitions, .. added])
    {
        AppendPartitions = before.AppendPartitions;
        _replaced = before._replaced;
    }

    public string Name { get; } = name;

    public string Topic { get; } = topic;

    /// <summary>The id that the brokers gave the topic when it was made, as it was first seen; null where they give none. A topic made anew gets another.</summary>
    public string? TopicId { get; } = topicId;

    public IReadOnlyList<PartitionSource> Partitions { get; } = partitions;

    /// <summary>
    /// How many of the partitions records are appended to: those of the beginning. A producer refuses partitions that it has not heard of, and hears of those that were added in minutes.
    /// </summary>
    public int AppendPartitions { get; } = partitions.Count;

    /// <summary>Whether a partition is known.</summary>
    public bool Has(int partition) => (uint)partition < (uint)Partitions.Count;

    /// <summary>The stream with the partitions that its topic has got.</summary>
    public KafkaStream With(IEnumerable<PartitionSource> added) => new(this, added);

    /// <exception cref="EventLogException">The stream has no such partition, or its topic is another one by now.</exception>
    public PartitionSource Partition(int partition)
    {
        ThrowIfReplaced();
        return Has(partition)
            ? Partitions[partition]
            : throw new EventLogException($"Stream '{Name}' has no partition {partition}: its {Partitions.Count} are counted from 0.");
    }

    /// <exception cref="LogReplacedException">Its topic is another one by now.</exception>
    public void ThrowIfReplaced()
    {
        if (_replaced is { } replaced)
        {
            throw new LogReplacedException(Name, replaced.Evidence);
        }
    }

    /// <summary>Takes note of the topic's id as it is now: when it is another one, nothing is read from it or appended to it any more.</summary>
    /// <exception cref="LogReplacedException">It is another one.</exception>
    public void Identify(string? topicId)
    {
        if (TopicId is not null && topicId is not null && topicId != TopicId)
        {
            _replaced = new LogReplacedException(Name, $"the topic '{Topic}' has the id {topicId}, and had {TopicId}");
        }

        ThrowIfReplaced();
    }
}
