using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Lambda.CrashApp;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>
/// Writes beats into the topic as another application would, with repetitions, late ones, ones that the row check refuses, and records that are no beats. A
/// broker that is down delays them.
/// </summary>
internal sealed class BeatProducer : IAsyncDisposable
{
    private const int Sensors = 14;

    // All within one day, so that no beat is late for its day.
    private static readonly DateTime Start = new(2024, 5, 1, 1, 0, 0, DateTimeKind.Utc);

    private readonly Random _random;
    private readonly IProducer<Null, byte[]?> _producer;
    private readonly List<Beat> _sent = [];
    private readonly Dictionary<string, Beat?> _byText = [];
    private readonly List<Task> _confirmations = [];

    // A test that fails leaves with records still being sent, and librdkafka takes none for a producer that is gone.
    private readonly Lock _sending = new();
    private bool _isDisposed;

    // Over so many sensors are spread.
    private int _partitions = Installation.Partitions;

    // From this one on beats are where they would be sent again.
    private int _spreadFrom;

    public BeatProducer(string bootstrap, int seed)
    {
        _random = new Random(seed);
        ProducerConfig settings = new()
        {
            BootstrapServers = bootstrap,
            EnableIdempotence = true,
            LingerMs = 2,

            // For ever: what was sent is in the topic, once, whatever happens to the broker.
            MessageTimeoutMs = 0,
            ReconnectBackoffMaxMs = 500,
        };
        _producer = new ProducerBuilder<Null, byte[]?>(settings).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>How many records were sent.</summary>
    public int Count => _confirmations.Count;

    /// <summary>Sends so many records.</summary>
    public void Send(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (_random.Next(30) == 0)
            {
                SendHostile();
            }
            else
            {
                SendBeat(_sent.Count > 0 && _random.Next(20) == 0 ? Again(_random.Next(_sent.Count)) : New());
            }
        }
    }

    /// <summary>Spreads what is sent from now on over partitions that the topic has got.</summary>
    public async Task SpreadAsync(int partitions)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        while (admin.GetMetadata(Beat.Stream, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count < partitions)
        {
            // By the same answer the producer learns of them.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }

        _partitions = partitions;
        _spreadFrom = _sent.Count;
    }

    /// <summary>Sends until told to stop.</summary>
    public async Task SendUntilAsync(int perSecond, CancellationToken stop)
    {
        const int Bursts = 20;
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1) / Bursts);
        while (!stop.IsCancellationRequested)
        {
            Send(perSecond / Bursts);
            await ((Task)timer.WaitForNextTickAsync(stop).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until the broker has everything.</summary>
    public Task ConfirmedAsync() => Task.WhenAll(_confirmations).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

    /// <summary>Reads what the topic holds, by partition and offset; an event that is null stands for a record that is no beat.</summary>
    public List<(int Partition, long Offset, Beat? Beat)> ReadBack(string bootstrap)
    {
        ConsumerConfig settings = new() { BootstrapServers = bootstrap, GroupId = "read back", EnablePartitionEof = true, EnableAutoCommit = false };
        using IConsumer<Ignore, byte[]?> consumer = new ConsumerBuilder<Ignore, byte[]?>(settings).Build();
        consumer.Assign(Enumerable.Range(0, _partitions).Select(partition => new TopicPartitionOffset(Beat.Stream, partition, Offset.Beginning)));
        List<(int, long, Beat?)> records = [];
        HashSet<string> seen = [];
        for (int ended = 0; ended < _partitions;)
        {
            ConsumeResult<Ignore, byte[]?> next = consumer.Consume(TestContext.Current.CancellationToken);
            if (next.IsPartitionEOF)
            {
                ended++;
                continue;
            }

            string text = Text(next.Message.Value);
            Assert.True(_byText.TryGetValue(text, out Beat? beat), $"Nobody sent {text}.");
            seen.Add(text);
            records.Add((next.Partition.Value, next.Offset.Value, beat));
        }

        Assert.Empty(_byText.Keys.Except(seen));
        return records;
    }

    public ValueTask DisposeAsync()
    {
        lock (_sending)
        {
            _isDisposed = true;
            _producer.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static string Text(byte[]? value) => value is null ? "" : Encoding.Latin1.GetString(value);

    // One that was refused elsewhere would be refused here again, if it comes to lie at a lower offset, and be listed twice.
    private Beat Again(int index) => index >= _spreadFrom || _sent[index].Value >= Beat.LeastValue ? _sent[index] : New();

    private Beat New()
    {
        int behind = _random.Next(8) == 0 ? _random.Next(0, 600) : _random.Next(0, 20);
        Beat beat = new(
            $"b{_sent.Count}", Start.AddMilliseconds(_sent.Count * 200).AddSeconds(-behind), $"sensor {_random.Next(Sensors)}",
            _random.Next(15) == 0 ? Beat.LeastValue - 1 : _random.Next(1, 1000));
        _sent.Add(beat);
        return beat;
    }

    private void SendBeat(Beat beat)
    {
        int sensor = int.Parse(beat.Sensor.Split(' ')[1], CultureInfo.InvariantCulture);
        Produce(sensor % _partitions, JsonSerializer.SerializeToUtf8Bytes(beat, JsonSerializerOptions.Web), beat);
    }

    private void SendHostile()
    {
        string unique = $"h{_confirmations.Count}";
        byte[]? value = _random.Next(8) switch
        {
            0 => null,
            1 => [],
            2 => [0xff, 0xfe, 0x00, .. Encoding.UTF8.GetBytes(unique)],
            3 => Encoding.UTF8.GetBytes($$"""{"id":"{{unique}}","at":"2024-05-01T01:00:00Z","sensor":"sensor 1","value":"""),
            4 => Encoding.UTF8.GetBytes($$"""{"id":"{{unique}}","at":"2024-05-01T01:00:00Z","sensor":"sensor 1","value":"many"}"""),
            5 => Encoding.UTF8.GetBytes($$"""{"id":"{{unique}}","at":"2024-05-01T01:00:00Z","sensor":"sensor 1"}"""),
            6 => Encoding.UTF8.GetBytes($$"""{"id":"{{unique}}","at":"9998-05-01T01:00:00Z","sensor":"sensor 1","value":5}"""),
            _ => Encoding.UTF8.GetBytes($$"""{"id":"{{unique}}","at":"yesterday","sensor":"sensor 1","value":5}"""),
        };
        Produce(_random.Next(_partitions), value, null);
    }

    private void Produce(int partition, byte[]? value, Beat? beat)
    {
        lock (_sending)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _byText[Text(value)] = beat;
            _confirmations.Add(_producer.ProduceAsync(new TopicPartition(Beat.Stream, partition), new Message<Null, byte[]?> { Value = value }));
        }
    }
}
