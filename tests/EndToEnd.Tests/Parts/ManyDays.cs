using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Parts;

/// <summary>Beats of many days, some of them twice and some that the row check refuses, each sensor's in a partition.</summary>
internal sealed class ManyDays
{
    private const int Sensors = 6;
    private static readonly DateTime Start = new(2024, 5, 1, 1, 0, 0, DateTimeKind.Utc);

    // In the order in which they were sent, which is that of the offsets of each partition.
    private readonly List<OracleRecord<Beat>> _records = [];

    private ManyDays()
    {
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Writes them into a topic that is empty, and waits until the broker has them.</summary>
    public static ManyDays Send(string bootstrap, int seed, int days, int beatsPerDay)
    {
        Random random = new(seed);
        ManyDays all = new();
        List<Beat> beats = [];
        long[] ends = new long[Beat.Partitions];
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true, QueueBufferingMaxMessages = 1_000_000 }).Build();
        for (int i = 0; i < days * beatsPerDay; i++)
        {
            DateTime at = Start.AddDays(i / beatsPerDay).AddMilliseconds(i % beatsPerDay * 400);
            Beat beat = random.Next(20) == 0 && beats.Count > 0
                ? beats[^random.Next(1, Math.Min(50, beats.Count + 1))]
                : new Beat($"b{i}", at, $"sensor {random.Next(Sensors)}", random.Next(15) == 0 ? Beat.LeastValue - 1 : random.Next(1, 1000));
            beats.Add(beat);
            int partition = int.Parse(beat.Sensor.Split(' ')[1], CultureInfo.InvariantCulture) % Beat.Partitions;
            all._records.Add(new OracleRecord<Beat>(partition, ends[partition]++, beat));
            producer.Produce(
                new TopicPartition(Beat.Stream, partition),
                new Message<Null, byte[]> { Value = JsonSerializer.SerializeToUtf8Bytes(beat, JsonSerializerOptions.Web) });
        }

        producer.Flush(Cancellation);
        return all;
    }

    /// <summary>Holds all views of the generation that serves against a fold over what was sent.</summary>
    public async Task CheckAsync(Api api)
    {
        IReadOnlyDictionary<string, OracleBatchResult> expected = NaiveOracle.Batch(BeatOracle.Model, _records);
        foreach (OracleView<Beat> view in BeatOracle.Model.Views)
        {
            await BeatOracle.CheckViewAsync(api, view.Name, "batch", expected[view.Name].Kept);
        }
    }
}
