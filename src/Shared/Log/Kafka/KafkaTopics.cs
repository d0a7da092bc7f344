using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka;

/// <summary>Finds and makes the topics of streams.</summary>
internal sealed class KafkaTopics(IAdminClient brokers, KafkaConnection connection, KafkaOptions options, ILogger logger, TimeProvider time)
{
    private const string TimestampType = "message.timestamp.type";
    private const string LargestMessage = "max.message.bytes";
    private const string AppendTime = "LogAppendTime";

    // What brokers take by default, and what a batch adds to the records in it.
    private const int DefaultLargestMessage = 1_048_588;
    private const int BatchOverhead = 1 << 16;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>The stream's topic; null when there is no such topic.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask<FoundTopic?> LookUpAsync(string stream, string topic, CancellationToken cancellationToken)
    {
        TopicDescription? found = await FindAsync(stream, topic, cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            await WarnOfProducersTimeAsync(stream, topic, cancellationToken).ConfigureAwait(false);
        }

        return found is null ? null : FoundTopic.Of(found);
    }

    /// <summary>A topic as it is now; null when there is none.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask<FoundTopic?> LookAgainAsync(string stream, string topic, CancellationToken cancellationToken) =>
        await FindAsync(stream, topic, cancellationToken).ConfigureAwait(false) is { } found ? FoundTopic.Of(found) : null;

    /// <summary>Makes the topic, unless somebody else just did, and returns it when all of its partitions can be used.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask<FoundTopic> MakeAsync(string stream, string topic, int partitions, CancellationToken cancellationToken)
    {
        var wanted = new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = options.ReplicationFactor ?? -1,
            Configs = Settings(),
        };
        try
        {
            await brokers.CreateTopicsAsync([wanted], new CreateTopicsOptions { RequestTimeout = options.RequestTimeout, OperationTimeout = options.RequestTimeout })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            KafkaTelemetry.TopicMade(logger, stream, topic, partitions);
        }
        catch (CreateTopicsException e) when (e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Two processes begin at once; the other's is as good.
        }
        catch (CreateTopicsException e)
        {
            throw Refused(stream, topic, "cannot be made", e.Results[0].Error, e);
        }
        catch (KafkaException e)
        {
            throw Refused(stream, topic, "cannot be made", e.Error, e);
        }

        return await WhenUsableAsync(stream, topic, cancellationToken).ConfigureAwait(false);
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string> { [TimestampType] = AppendTime };
        if (options.MaxRecordBytes + BatchOverhead > DefaultLargestMessage)
        {
            settings[LargestMessage] = $"{options.MaxRecordBytes + BatchOverhead}";
        }

        foreach ((string name, string value) in options.TopicSettings)
        {
            settings[name] = value;
        }

        return settings;
    }

    // A broker says that the topic is made before all brokers know its leaders.
    private async ValueTask<FoundTopic> WhenUsableAsync(string stream, string topic, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            if (await FindAsync(stream, topic, cancellationToken).ConfigureAwait(false) is { } found
                && found.Partitions.TrueForAll(partition => partition.Leader is { Id: >= 0 }))
            {
                return FoundTopic.Of(found);
            }

            if (time.GetElapsedTime(began) > options.RequestTimeout)
            {
                throw new EventLogException(
                    $"Stream '{stream}': the topic '{topic}' was made, but some of its partitions have no leader after "
                    + $"{options.RequestTimeout.TotalSeconds:F0} s. Check that enough brokers run.");
            }

            await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<TopicDescription?> FindAsync(string stream, string topic, CancellationToken cancellationToken)
    {
        try
        {
            DescribeTopicsResult found = await brokers.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = options.RequestTimeout })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            return found.TopicDescriptions[0];
        }
        catch (DescribeTopicsException e) when (e.Results.TopicDescriptions[0].Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic)
        {
            return null;
        }
        catch (DescribeTopicsException e)
        {
            throw Refused(stream, topic, "cannot be described", e.Results.TopicDescriptions[0].Error, e);
        }
        catch (KafkaException e)
        {
            throw Refused(stream, topic, "cannot be described", e.Error, e);
        }
    }

    private async ValueTask WarnOfProducersTimeAsync(string stream, string topic, CancellationToken cancellationToken)
    {
        try
        {
            List<DescribeConfigsResult> found = await brokers.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = options.RequestTimeout })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            if (found[0].Entries.TryGetValue(TimestampType, out ConfigEntryResult? type) && type.Value != AppendTime)
            {
                KafkaTelemetry.ProducersGiveTheTime(logger, stream, topic);
            }
        }
        catch (KafkaException e)
        {
            // Not all users may look at the configuration, and nothing else depends on it.
            KafkaTelemetry.SettingsUnknown(logger, stream, topic, e.Error.Reason);
        }
    }

    private EventLogException Refused(string stream, string topic, string what, Error error, Exception inner)
    {
        var reason = new KafkaError((int)error.Code, error.Reason);
        return new EventLogException($"Stream '{stream}': the topic '{topic}' {what}: {reason.Sentence} {connection.Explain(error) ?? reason.Remedy}", inner);
    }
}
