using Confluent.Kafka.Admin;

namespace Lambda.Log.Kafka;

/// <summary>What brokers say of a topic.</summary>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Id">The id that it was given when it was made; null where brokers give none.</param>
internal readonly record struct FoundTopic(int Partitions, string? Id)
{
    public static FoundTopic Of(TopicDescription topic)
    {
        // Brokers older than 2.8 give zeros.
        bool hasId = topic.TopicId is { } id && (id.MostSignificantBits != 0L || id.LeastSignificantBits != 0L);
        return new FoundTopic(topic.Partitions.Count, hasId ? topic.TopicId.ToString() : null);
    }
}
