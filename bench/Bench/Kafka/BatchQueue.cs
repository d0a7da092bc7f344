using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Bench.Kafka;

/// <summary>librdkafka alone: takes messages by thousands from one queue of all partitions, looks how long they are and gives them back.</summary>
internal static unsafe class BatchQueue
{
    private const int TakenAtOnce = 8192;

    public static void TakeAll(FlightTopic flights)
    {
        using KafkaClientHandle client = KafkaClientFactory.NewConsumer(KafkaSettings.OfReader(flights.Options), NullLogger.Instance);
        using var topic = new KafkaTopicHandle(client, flights.Topic);
        using KafkaQueueHandle queue = KafkaQueueHandle.New(client);
        for (int partition = 0; partition < FlightTopic.Partitions; partition++)
        {
            _ = Librdkafka.StartReading(topic, partition, 0, queue);
        }

        var messages = new NativeMessage*[TakenAtOnce];
        long taken = 0;
        long bytes = 0;
        fixed (NativeMessage** first = messages)
        {
            while (taken < flights.Records)
            {
                nint count = Librdkafka.TakeMessages(queue, 10, first, TakenAtOnce);
                for (nint i = 0; i < count; i++)
                {
                    if (first[i]->Error == 0)
                    {
                        taken++;
                        bytes += first[i]->Value.Length;
                    }

                    Librdkafka.DestroyMessage(first[i]);
                }
            }
        }

        for (int partition = 0; partition < FlightTopic.Partitions; partition++)
        {
            _ = Librdkafka.StopReading(topic, partition);
        }

        flights.RequireAll(bytes > 0 ? taken : 0);
    }
}
