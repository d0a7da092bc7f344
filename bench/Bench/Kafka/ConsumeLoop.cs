using System.Text.Json;
using Confluent.Kafka;

namespace Lambda.Bench.Kafka;

/// <summary>
/// The program one would write: <c>Consume()</c> of Confluent.Kafka in a loop, System.Text.Json and a dictionary of windows. It keeps no position and
/// commits nothing.
/// </summary>
internal static class ConsumeLoop
{
    public static Dictionary<(DateTime Hour, string Origin), HourlyTotals> Run(FlightTopic topic)
    {
        ConsumerConfig config = new() { BootstrapServers = topic.Options.BootstrapServers, GroupId = "consume-loop", EnableAutoCommit = false };
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, FlightTopic.Partitions).Select(partition => new TopicPartitionOffset(topic.Topic, partition, Offset.Beginning)));
        Dictionary<(DateTime Hour, string Origin), HourlyTotals> windows = [];
        long read = 0;
        while (read < topic.Records)
        {
            ConsumeResult<Ignore, byte[]> result = consumer.Consume();
            Flight flight = JsonSerializer.Deserialize<Flight>(result.Message.Value, JsonSerializerOptions.Web)!;
            (DateTime Hour, string Origin) key = (flight.Date.Date.AddHours(flight.Date.Hour), flight.Origin);
            if (!windows.TryGetValue(key, out HourlyTotals? totals))
            {
                windows.Add(key, totals = new HourlyTotals());
            }

            totals.Add(flight.Delay, flight.Distance);
            read++;
        }

        topic.RequireAll(read);
        return windows;
    }
}
