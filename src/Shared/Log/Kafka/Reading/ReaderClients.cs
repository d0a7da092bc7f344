using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Reading;

/// <summary>
/// The clients that readers use. A client reads a partition at one place only, so readers of the same partition at different places have
/// clients of different sets: the first reader of every partition of set 0, and so on.
/// </summary>
internal sealed class ReaderClients(KafkaOptions options, ILogger logger) : IDisposable
{
    // One thread of a client takes in what a broker has sent, and asks for more only then. Several let the broker, and other processors, work meanwhile.
    private const int MostInSet = 4;

    private readonly Lock _lock = new();
    private readonly List<List<ReaderClient>> _sets = [];
    private bool _disposed;

    /// <summary>The client that a reader is to use: of the set of that number the one with the fewest readers. To be given back.</summary>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public ReaderClient Rent(int number)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(KafkaLog));
            while (_sets.Count <= number)
            {
                _sets.Add([]);
            }

            List<ReaderClient> set = _sets[number];
            ReaderClient? client = set.MinBy(candidate => candidate.Readers);
            if (client is null || (client.Readers > 0 && set.Count < MostInSet))
            {
                client = new ReaderClient(KafkaClientFactory.NewConsumer(KafkaSettings.OfReader(options), logger));
                set.Add(client);
            }

            client.Readers++;
            return client;
        }
    }

    /// <summary>Takes note that a reader is gone.</summary>
    public void Return(ReaderClient client)
    {
        lock (_lock)
        {
            client.Readers--;
        }
    }

    /// <summary>Ends all clients, beside each other: it takes the threads of each up to some hundred milliseconds.</summary>
    public void Dispose()
    {
        ReaderClient[] clients;
        lock (_lock)
        {
            _disposed = true;
            clients = [.. _sets.SelectMany(set => set)];
            _sets.Clear();
        }

        Parallel.ForEach(clients, client => client.Dispose());
    }
}
