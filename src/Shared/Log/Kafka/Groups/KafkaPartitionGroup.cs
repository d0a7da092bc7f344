using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Groups;

/// <summary>
/// A consumer group of Kafka that decides who works on which partitions. The member it has there fetches no records, as all its partitions are paused:
/// records are read by <see cref="KafkaLog"/>, from where the store says.
/// </summary>
internal sealed class KafkaPartitionGroup : IPartitionGroup
{
    private static readonly TimeSpan PollFor = TimeSpan.FromMilliseconds(100);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Null where there is nothing to take names from.
    private readonly ISeats? _seats;

    // How far partitions are committed in the store, as far as the group was not told yet.
    private readonly ConcurrentDictionary<StreamPartition, long> _committed = new();

    /// <summary>A group that nobody has joined yet.</summary>
    /// <param name="options">Where the brokers are, and which group.</param>
    /// <param name="time">Tells messages that come again from new ones, and measures when to ask again for a seat.</param>
    /// <param name="logger">Gets what librdkafka and the group have to say to operators.</param>
    /// <param name="seats">By which members are named that the user gives no name; null leaves them without. They are the group's from here on.</param>
    /// <exception cref="EventLogException">An option is out of range, or librdkafka does not take a setting.</exception>
    public KafkaPartitionGroup(KafkaOptions options, TimeProvider time, ILogger logger, ISeats? seats = null)
    {
        options.Validate();
        _options = options;
        _seats = seats;
        _time = time;
        _logger = new SparingLogger(logger, time);
    }

    /// <inheritdoc/>
    public async Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        RequireTopics(streams);
        Seating seating = new(KafkaSettings.LacksMemberName(_options) ? _seats : null, _options.GroupId, _time, _logger);
        await using (seating.ConfigureAwait(false))
        {
            await seating.TakeAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                switch (await JoinAsync(streams, member, seating, cancellationToken).ConfigureAwait(false))
                {
                    case End.Fenced:
                        await seating.ReplaceAsync(cancellationToken).ConfigureAwait(false);
                        break;
                    case End.Offered:
                        await seating.AcceptAsync().ConfigureAwait(false);
                        break;
                    default:
                        return;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void ReportCommitted(StreamPartition partition, long nextOffset) => _committed[partition] = nextOffset;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _seats?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A group gives away partitions of topics, and could not say of which stream.</summary>
    private void RequireTopics(IReadOnlyList<string> streams)
    {
        if (streams.GroupBy(_options.TopicOf, StringComparer.Ordinal).FirstOrDefault(topic => topic.Count() > 1) is { } shared)
        {
            throw new EventLogException(
                $"The streams '{string.Join("', '", shared)}' are all in topic '{shared.Key}', and a topic can hold one stream. Give each its own by {nameof(KafkaOptions)}."
                + $"{nameof(KafkaOptions.Topics)}; or declare one stream, with views for each kind of event.");
        }
    }

    private Task<End> JoinAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, Seating seating, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromResult(End.Left)
            : Task.Factory.StartNew(
                () => Join(streams, member, seating, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private End Join(IReadOnlyList<string> streams, IPartitionGroupMember member, Seating seating, CancellationToken cancellationToken)
    {
        ISeat? seat = seating.Seat;
        var membership = new Membership(streams, member, _options, seat?.Name, _logger);
        IConsumer<Ignore, Ignore> consumer = membership.Open(TellGroup);
        Action leave = () => membership.Leave(consumer, TellGroup);
        try
        {
            consumer.Subscribe(streams.Select(_options.TopicOf));
            while (!cancellationToken.IsCancellationRequested && !seating.IsOffered)
            {
                Poll(consumer);
                membership.Pause(consumer);
                TellGroup(consumer);
            }

            return cancellationToken.IsCancellationRequested ? End.Left : End.Offered;
        }
        catch (KafkaException e) when (seat is not null && e.Error.Code == ErrorCode.FencedInstanceId)
        {
            KafkaTelemetry.Fenced(_logger, _options.GroupId, seat.Name);
            leave = () => membership.GiveUp(consumer);
            return End.Fenced;
        }
        catch (KafkaException e) when (GroupRefusal.IsFinal(e.Error))
        {
            throw GroupRefusal.Of(_options.GroupId, e);
        }
        finally
        {
            // Gives back what is still here, and leaves.
            leave();
        }
    }

    private void Poll(IConsumer<Ignore, Ignore> consumer)
    {
        try
        {
            consumer.Consume(PollFor);
        }
        catch (ConsumeException e) when (!GroupRefusal.IsFinal(e.Error))
        {
            // Such as a broker that is down: librdkafka tries again.
            KafkaTelemetry.GroupError(_logger, _options.GroupId, e.Error.Reason);
        }
    }

    // Only stored here: librdkafka sends it to the group now and then, and when partitions go.
    private void TellGroup(IConsumer<Ignore, Ignore> consumer)
    {
        foreach ((StreamPartition partition, long next) in _committed)
        {
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(_options.TopicOf(partition.Stream), partition.Partition, next));
            }
            catch (KafkaException)
            {
                // It is not this process's any more; its new owner reports.
            }

            _committed.TryRemove(KeyValuePair.Create(partition, next));
        }
    }

    private enum End
    {
        /// <summary>This process wanted to leave.</summary>
        Left,

        /// <summary>Another process has come to the group by the name of this one.</summary>
        Fenced,

        /// <summary>This process took part without a name, and can have a seat now.</summary>
        Offered,
    }
}
