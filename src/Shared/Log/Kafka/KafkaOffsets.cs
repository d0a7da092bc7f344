using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka;

/// <summary>Asks brokers for offsets and has them remove records.</summary>
internal sealed class KafkaOffsets(IAdminClient brokers, KafkaConnection connection, KafkaOptions options, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(50);

    // Readers see transactions only when they are committed, so the end is the one of what is decided.
    private readonly ListOffsetsOptions _committed = new() { IsolationLevel = IsolationLevel.ReadCommitted, RequestTimeout = options.RequestTimeout };

    /// <summary>The first offset that is kept, and the one behind the last that can be read.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask<OffsetRange> RangeAsync(string stream, string topic, int partition, CancellationToken cancellationToken)
    {
        Task<long> start = OffsetAsync(stream, topic, partition, OffsetSpec.Earliest(), cancellationToken);
        Task<long> end = OffsetAsync(stream, topic, partition, OffsetSpec.Latest(), cancellationToken);
        return new OffsetRange(await start.ConfigureAwait(false), await end.ConfigureAwait(false));
    }

    /// <summary>The first offset with that timestamp or a later one, in milliseconds since 1970; null when there is none.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask<long?> AtAsync(string stream, string topic, int partition, long milliseconds, CancellationToken cancellationToken)
    {
        long offset = await OffsetAsync(stream, topic, partition, OffsetSpec.ForTimestamp(milliseconds), cancellationToken).ConfigureAwait(false);
        return offset >= 0 ? offset : null;
    }

    /// <summary>Removes the records below an offset, unless the topic's policy keeps them.</summary>
    /// <exception cref="EventLogException">The brokers do not answer, or refuse.</exception>
    public async ValueTask RemoveAsync(string stream, string topic, int partition, long before, CancellationToken cancellationToken)
    {
        try
        {
            await brokers.DeleteRecordsAsync(
                [new TopicPartitionOffset(topic, partition, before)],
                new DeleteRecordsOptions { RequestTimeout = options.RequestTimeout, OperationTimeout = options.RequestTimeout })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DeleteRecordsException e) when (e.Results.Exists(result => result.Error.Code == ErrorCode.PolicyViolation))
        {
            KafkaTelemetry.TrimRefused(logger, stream, partition, "its topic is not one that removes old records");
        }
        catch (DeleteRecordsException e)
        {
            throw Refused(stream, topic, partition, "its old records cannot be removed", e.Results[0].Error, e);
        }
        catch (KafkaException e)
        {
            throw Refused(stream, topic, partition, "its old records cannot be removed", e.Error, e);
        }
    }

    private async Task<long> OffsetAsync(string stream, string topic, int partition, OffsetSpec which, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                ListOffsetsResult answer = await brokers.ListOffsetsAsync(
                    [new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, partition), OffsetSpec = which }], _committed)
                    .WaitAsync(cancellationToken).ConfigureAwait(false);
                Offset offset = answer.ResultInfos[0].TopicPartitionOffsetError.Offset;
                if (offset != Offset.Unset)
                {
                    return offset.Value;
                }

                // So librdkafka answers where a broker has refused the request as a whole, or the connection broke.
                if (time.GetElapsedTime(began) > options.RequestTimeout)
                {
                    throw Refused(
                        stream, topic, partition, "its offsets cannot be found out", new Error(ErrorCode.Local_TimedOut, "The brokers do not say."), new TimeoutException());
                }
            }
            catch (ListOffsetsException e)
            {
                Error error = e.Result.ResultInfos[0].TopicPartitionOffsetError.Error;
                if (!IsPassing(error.Code) || time.GetElapsedTime(began) > options.RequestTimeout)
                {
                    throw Refused(stream, topic, partition, "its offsets cannot be found out", error, e);
                }
            }
            catch (KafkaException e) when (!IsPassing(e.Error.Code) || time.GetElapsedTime(began) > options.RequestTimeout)
            {
                throw Refused(stream, topic, partition, "its offsets cannot be found out", e.Error, e);
            }
            catch (KafkaException)
            {
                // Asked again below.
            }

            await Task.Delay(AskAgainAfter, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // A leader is being found (librdkafka says NoEnt while there is none), or has just been and does not know it yet.
    private static bool IsPassing(ErrorCode code) => code is ErrorCode.Local_NoEnt or ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable or ErrorCode.FencedLeaderEpoch
        or ErrorCode.UnknownLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.KafkaStorageError;

    private EventLogException Refused(string stream, string topic, int partition, string what, Error error, Exception inner)
    {
        var reason = new KafkaError((int)error.Code, error.Reason);
        return new EventLogException(
            $"Stream '{stream}' (topic '{topic}'), partition {partition}: {what}: {reason.Sentence} {connection.Explain(error) ?? reason.Remedy}", inner);
    }
}
