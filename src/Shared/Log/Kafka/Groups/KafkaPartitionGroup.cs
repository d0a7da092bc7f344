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

    // Who holds a seat is fenced once at most. More often means that two hold the same, and these would take turns for ever.
    private const int MostFences = 3;

    private readonly KafkaOptions _options;
    private readonly ILogger _logger;

    // Null where members need no names, or there is nothing to take them from.
    private readonly ISeats? _seats;

    // How far partitions are committed in the store, as far as the group was not told yet.
    private readonly ConcurrentDictionary<StreamPartition, long> _committed = new();

    /// <summary>A group that nobody has joined yet.</summary>
    /// <param name="options">Where the brokers are, and which group.</param>
    /// <param name="time">Tells messages that come again from new ones.</param>
    /// <param name="logger">Gets what librdkafka and the group have to say to operators.</param>
    /// <param name="seats">By which members are named that the user gives no name; null leaves them without. They are the group's from here on.</param>
    /// <exception cref="EventLogException">An option is out of range, or librdkafka does not take a setting.</exception>
    public KafkaPartitionGroup(KafkaOptions options, TimeProvider time, ILogger logger, ISeats? seats = null)
    {
        options.Validate();
        _options = options;
        _seats = seats;
        _logger = new SparingLogger(logger, time);
    }

    /// <inheritdoc/>
    public async Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        ISeat? seat = await TakeSeatAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int fences = 1; await JoinAsync(streams, member, seat, cancellationToken).ConfigureAwait(false) == End.Fenced; fences++)
            {
                // Taken while the former one may still be held: whoever has come by its name keeps that, so that both have one of their own at once.
                ISeat? next = await TakeNextSeatAsync(fences, cancellationToken).ConfigureAwait(false);
                await FreeAsync(seat).ConfigureAwait(false);
                seat = next;
            }
        }
        finally
        {
            await FreeAsync(seat).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void ReportCommitted(StreamPartition partition, long nextOffset) => _committed[partition] = nextOffset;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _seats?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static ValueTask FreeAsync(ISeat? seat) => seat?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<ISeat?> TakeNextSeatAsync(int fences, CancellationToken cancellationToken)
    {
        if (fences < MostFences)
        {
            return await TakeSeatAsync(cancellationToken).ConfigureAwait(false);
        }

        KafkaTelemetry.GoesOnWithoutName(_logger, _options.GroupId, fences);
        return null;
    }

    private async ValueTask<ISeat?> TakeSeatAsync(CancellationToken cancellationToken)
    {
        if (_seats is null || !KafkaSettings.LacksMemberName(_options))
        {
            return null;
        }

        try
        {
            return await _seats.TakeAsync(_options.GroupId, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody will take part.
            return null;
        }
    }

    private Task<End> JoinAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, ISeat? seat, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromResult(End.Left)
            : Task.Factory.StartNew(
                () => Join(streams, member, seat, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private End Join(IReadOnlyList<string> streams, IPartitionGroupMember member, ISeat? seat, CancellationToken cancellationToken)
    {
        var membership = new Membership(streams, member, _options, seat?.Name, _logger);
        IConsumer<Ignore, Ignore> consumer = membership.Open(TellGroup);
        Action leave = () => membership.Leave(consumer, TellGroup);
        try
        {
            consumer.Subscribe(streams.Select(_options.TopicOf));
            while (!cancellationToken.IsCancellationRequested)
            {
                Poll(consumer);
                membership.Pause(consumer);
                TellGroup(consumer);
            }

            return End.Left;
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
    }
}
