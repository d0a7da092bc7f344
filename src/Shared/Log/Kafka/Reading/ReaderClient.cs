using Lambda.Log.Kafka.Native;

namespace Lambda.Log.Kafka.Reading;

/// <summary>A client that readers of different partitions share.</summary>
internal sealed class ReaderClient(KafkaClientHandle handle) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, KafkaTopicHandle> _topics = [];

    public KafkaClientHandle Handle => handle;

    /// <summary>How many readers use it; kept by those who lend it.</summary>
    public int Readers { get; set; }

    /// <summary>Its handle of a topic, which lives as long as the client.</summary>
    public KafkaTopicHandle Topic(string name)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(name, out KafkaTopicHandle? topic))
            {
                topic = new KafkaTopicHandle(handle, name);
                _topics.Add(name, topic);
            }

            return topic;
        }
    }

    public void Dispose()
    {
        foreach (KafkaTopicHandle topic in _topics.Values)
        {
            topic.Dispose();
        }

        handle.Dispose();
    }
}
