using System.Diagnostics;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.TestSupport.Kafka;

namespace Lambda.Bench.Kafka;

/// <summary>The sample's flights in a topic of four partitions, keyed by origin and in order of date, at a broker of its own or one that is there.</summary>
internal sealed class FlightTopic : IAsyncDisposable
{
    public const string Stream = "flights";
    public const int Partitions = 4;

    private readonly KafkaBroker? _broker;

    private FlightTopic(KafkaBroker? broker, KafkaOptions options)
    {
        _broker = broker;
        Options = options;
    }

    public KafkaOptions Options { get; }

    public string Topic => Options.TopicOf(Stream);

    public long Records { get; private set; }

    /// <summary>Where each partition ends.</summary>
    public long[] Ends { get; } = new long[Partitions];

    /// <summary>Makes and fills the topic.</summary>
    /// <param name="bootstrap">Brokers to use; null starts one.</param>
    /// <param name="copies">How often the flights are repeated.</param>
    public static async Task<FlightTopic> FillAsync(string? bootstrap, int copies)
    {
        KafkaBroker? broker = bootstrap is null ? await KafkaBroker.StartAsync() : null;
        FlightTopic topic = new(
            broker, new KafkaOptions { BootstrapServers = bootstrap ?? broker!.Bootstrap, TopicPrefix = $"bench-{Guid.NewGuid():N}-" });
        await using KafkaLog log = KafkaLog.Open(topic.Options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, Partitions, CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        for (int copy = 0; copy < copies; copy++)
        {
            // One append after the other: the order of date is to be the order of the topic.
            foreach (RecordBatch batch in FlightFile.ReadRecordsByDate(copy))
            {
                await log.AppendAsync(Stream, batch, CancellationToken.None);
                topic.Records += batch.Count;
                batch.Dispose();
            }
        }

        for (int partition = 0; partition < Partitions; partition++)
        {
            topic.Ends[partition] = (await log.GetOffsetsAsync(Stream, partition, CancellationToken.None)).End;
        }

        Console.WriteLine($"{topic.Records:N0} records in {Partitions} partitions, made and appended in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        return topic;
    }

    /// <exception cref="InvalidOperationException">Not all records were read, or some twice.</exception>
    public void RequireAll(long read)
    {
        if (read != Records)
        {
            throw new InvalidOperationException($"{read} records were read instead of {Records}.");
        }
    }

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
