namespace Lambda.Bench.Kafka;

/// <summary>
/// Reading a topic of four partitions, turn by turn in one process: librdkafka's batch queue alone, the log, the log with everything the speed layer
/// computes, and the loop one would write. Each reads all records by a new client.
/// </summary>
internal static class KafkaReadBenchmark
{
    public static async Task RunAsync(KafkaBenchmarkOptions options)
    {
        await using FlightTopic topic = await FlightTopic.FillAsync(options.Bootstrap, options.Copies);
        Contender bare = new("batch queue", topic.Records, () => Task.Run(() => BatchQueue.TakeAll(topic)));
        Contender log = new("log", topic.Records, () => LogReading.ReadAllAsync(topic));
        Contender windows = new("log → decode → windows", topic.Records, () => LogReading.ComputeAllAsync(topic));
        Contender loop = new("Consume loop", topic.Records, () => Task.Run(() => ConsumeLoop.Run(topic)));
        Contender[] all = [bare, log, windows, loop];
        for (int round = 0; round <= options.Rounds; round++)
        {
            Console.WriteLine(round == 0 ? "warm-up" : $"round {round}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
            foreach (Contender contender in all)
            {
                await contender.RunAsync(isMeasured: round > 0);
            }
        }

        Console.WriteLine("medians");
        foreach (Contender contender in all)
        {
            contender.Report(bare, loop);
        }
    }
}
