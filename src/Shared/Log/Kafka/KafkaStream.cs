using Lambda.Log.Kafka.Reading;

namespace Lambda.Log.Kafka;

/// <summary>A stream whose topic is known to exist.</summary>
internal sealed class KafkaStream(string name, string topic, IReadOnlyList<PartitionSource> partitions)
{
    public string Name { get; } = name;

    public string Topic { get; } = topic;

    public IReadOnlyList<PartitionSource> Partitions { get; } = partitions;

    /// <exception cref="EventLogException">The stream has no such partition.</exception>
    public PartitionSource Partition(int partition) => (uint)partition < (uint)Partitions.Count
        ? Partitions[partition]
        : throw new EventLogException($"Stream '{Name}' has no partition {partition}: its {Partitions.Count} are counted from 0.");
}
