using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Reading;

/// <summary>
/// The clients that readers use. A client reads a partition at one place only, so readers of the same partition at different places each take a
/// client of their own: the first of every partition the client 0, and so on.
/// </summary>
internal sealed class ReaderClients(KafkaOptions options, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Client> _clients = [];
    private bool _disposed;

    /// <summary>The client of that number and its handle of the topic.</summary>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public (KafkaClientHandle Client, KafkaTopicHandle Topic) Open(int number, string topic)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(KafkaLog));
            while (_clients.Count <= number)
            {
                _clients.Add(new Client(KafkaClientFactory.NewConsumer(KafkaSettings.OfReader(options), logger)));
            }

            return (_clients[number].Handle, _clients[number].Topic(topic));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Client client in _clients)
            {
                client.Dispose();
            }

            _clients.Clear();
        }
    }

    private sealed class Client(KafkaClientHandle handle) : IDisposable
    {
        private readonly Dictionary<string, KafkaTopicHandle> _topics = [];

        public KafkaClientHandle Handle => handle;

        public KafkaTopicHandle Topic(string name)
        {
            if (!_topics.TryGetValue(name, out KafkaTopicHandle? topic))
            {
                topic = new KafkaTopicHandle(handle, name);
                _topics.Add(name, topic);
            }

            return topic;
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
}
