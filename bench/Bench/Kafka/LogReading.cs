using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Processing;
using Lambda.Speed;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Bench.Kafka;

/// <summary>Reads the topic through the log, one task for each partition, by a new log each time.</summary>
internal static class LogReading
{
    /// <summary>Reads only.</summary>
    public static Task ReadAllAsync(FlightTopic topic) => RunAsync(topic, (_, _) => { });

    /// <summary>Reads and does all that the speed layer does but for the store: commits are taken as often as it takes them, and thrown away.</summary>
    public static Task ComputeAllAsync(FlightTopic topic)
    {
        StreamPlan plan = new(Flight.Stream(FlightTopic.Partitions));
        PartitionPipeline[] pipelines =
            [.. Enumerable.Range(0, FlightTopic.Partitions).Select(partition => new PartitionPipeline(plan, partition, new PartitionClaim(1, 1, 0, null)))];
        return RunAsync(
            topic,
            (partition, records) =>
            {
                PartitionPipeline pipeline = pipelines[partition];
                pipeline.Process(records);
                if (pipeline.UncommittedRecords >= SpeedOptions.Default.MaxEventsPerCommit)
                {
                    bool isFull = pipeline.ByteCount > SpeedOptions.Default.MaxEpochBytes;
                    SpeedCommit commit = pipeline.TakeCommit(isFull ? EpochRule.Seal : EpochRule.KeepOpen);
                    if (commit.Quarantine.Count > 0)
                    {
                        throw new InvalidOperationException($"A flight was refused: {commit.Quarantine[0].Detail}");
                    }

                    if (isFull)
                    {
                        pipeline.StartEpoch();
                    }
                }
            });
    }

    private static async Task RunAsync(FlightTopic topic, Action<int, RecordBatch> process)
    {
        await using KafkaLog log = KafkaLog.Open(topic.Options, TimeProvider.System);
        await log.EnsureStreamAsync(FlightTopic.Stream, FlightTopic.Partitions, CancellationToken.None);
        long[] counts = await Task.WhenAll(Enumerable.Range(0, FlightTopic.Partitions).Select(partition => Task.Run(() => FollowAsync(log, topic, partition, process))));
        topic.RequireAll(counts.Sum());
    }

    private static async Task<long> FollowAsync(KafkaLog log, FlightTopic topic, int partition, Action<int, RecordBatch> process)
    {
        using RecordBatch batch = new();
        long count = 0;
        for (long next = 0; next < topic.Ends[partition]; next = batch.NextOffset)
        {
            await log.ReadAsync(FlightTopic.Stream, partition, next, batch, CancellationToken.None);
            count += batch.Count;
            if (batch.Count > 0)
            {
                process(partition, batch);
            }
            else
            {
                await log.WaitAsync(FlightTopic.Stream, partition, next, CancellationToken.None);
            }
        }

        return count;
    }
}
