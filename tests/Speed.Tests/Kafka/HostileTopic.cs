using System.Security.Cryptography;
using Confluent.Kafka;
using Lambda.Events;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Speed.Tests.Kafka;

/// <summary>Writes hostile records as a foreign producer does, and keeps account of what they must amount to.</summary>
internal sealed class HostileTopic(KafkaOptions options, int partitions)
{
    /// <summary>How many records each partition holds.</summary>
    public long[] Ends { get; } = new long[partitions];

    /// <summary>What the view must answer, per sensor and minute.</summary>
    public Dictionary<(string Sensor, DateTimeOffset Minute), (long Beats, long Units)> Windows { get; } = [];

    /// <summary>What must be in quarantine, with a hash of the bytes.</summary>
    public HashSet<(int Partition, long Offset, RejectReason Reason, string Hash)> Refused { get; } = [];

    public long Good { get; private set; }

    public static string Hash(ReadOnlySpan<byte> value) => Convert.ToHexString(SHA256.HashData(value));

    public void Write(IEnumerable<HostileRecord> records)
    {
        ProducerConfig config = new()
        {
            BootstrapServers = options.BootstrapServers,
            EnableIdempotence = true,
            LingerMs = 5,
            MessageMaxBytes = 1_048_576,
            QueueBufferingMaxKbytes = 128 << 10,
        };
        using IProducer<Null, byte[]?> producer = new ProducerBuilder<Null, byte[]?>(config).SetValueSerializer(new AsItIs()).Build();
        foreach (HostileRecord record in records)
        {
            // In turn: partitions that go on in step, so that nothing is late.
            int partition = (int)(Ends.Sum() % partitions);
            Note(record, partition, Ends[partition]++);
            TopicPartition place = new(options.TopicOf(Beats.Stream), partition);
            while (!TryProduce(producer, place, record.Value))
            {
                producer.Poll(TimeSpan.FromMilliseconds(100));
            }
        }

        producer.Flush(TestContext.Current.CancellationToken);
    }

    private static bool TryProduce(IProducer<Null, byte[]?> producer, TopicPartition place, byte[]? value)
    {
        try
        {
            producer.Produce(place, new Message<Null, byte[]?> { Value = value });
            return true;
        }
        catch (ProduceException<Null, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }

    private void Note(HostileRecord record, int partition, long offset)
    {
        if (record.Beat is { } beat)
        {
            Good++;
            (string, DateTimeOffset) key = (beat.Sensor, new DateTimeOffset(beat.Time.Ticks - (beat.Time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero));
            (long beats, long units) = Windows.GetValueOrDefault(key);
            Windows[key] = (beats + 1, units + beat.Units);
        }
        else
        {
            Refused.Add((partition, offset, record.Refusal!.Value, Hash(record.Value)));
        }
    }

    private sealed class AsItIs : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
