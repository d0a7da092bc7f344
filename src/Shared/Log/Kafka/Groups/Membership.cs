using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka.Groups;

/// <summary>
/// Passes on to a member what the group decides, one thing at a time, and keeps count of what it has been given. Its methods are called by the
/// thread that polls.
/// </summary>
internal sealed class Membership
{
    private static readonly TimeSpan LeaveFor = TimeSpan.FromSeconds(2);

    // Of the time to leave, as long as others may take to let one in that is to leave again.
    private static readonly TimeSpan JoinFor = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    private readonly IPartitionGroupMember _member;
    private readonly KafkaOptions _options;
    private readonly ILogger _logger;

    // Given by the platform; null for a member without name, and for one that has it from the user, who wants it to be expected back.
    private readonly string? _name;
    private readonly Dictionary<string, string> _streams;
    private readonly HashSet<StreamPartition> _given = [];

    // Are given, and may only be paused when the handler that is told so has ended.
    private readonly HashSet<TopicPartition> _toPause = [];
    private volatile bool _isLeaving;

    public Membership(IReadOnlyList<string> streams, IPartitionGroupMember member, KafkaOptions options, string? name, ILogger logger)
    {
        _name = name;
        _member = member;
        _options = options;
        _logger = logger;
        _streams = streams.ToDictionary(options.TopicOf, StringComparer.Ordinal);
    }

    /// <summary>Opens the consumer that is the member for the brokers.</summary>
    /// <param name="beforeGivingBack">Called when the member has finished with partitions and they are still this process's.</param>
    public IConsumer<Ignore, Ignore> Open(Action<IConsumer<Ignore, Ignore>> beforeGivingBack) =>
        new ConsumerBuilder<Ignore, Ignore>(KafkaSettings.OfGroupMember(_options, _name))
            .SetLogHandler((_, line) => KafkaTelemetry.Tell(_logger, (int)line.Level, line.Facility, line.Message))
            .SetErrorHandler((_, error) => KafkaTelemetry.GroupError(_logger, _options.GroupId, error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                // What comes when the process leaves already it gives back unseen. The client takes no fewer than it was given.
                if (!_isLeaving)
                {
                    _toPause.UnionWith(partitions);
                    Assign(Named(partitions));
                }

                // They begin at their ends, so that nothing is fetched until they are paused.
                return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End));
            })
            .SetPartitionsRevokedHandler((consumer, partitions) =>
            {
                if (_isLeaving)
                {
                    return;
                }

                Revoke(Named(partitions.Select(partition => partition.TopicPartition)));
                beforeGivingBack(consumer);
            })
            .SetPartitionsLostHandler((_, partitions) =>
            {
                if (!_isLeaving)
                {
                    Lose(Named(partitions.Select(partition => partition.TopicPartition)));
                }
            })
            .Build();

    /// <summary>Has the consumer fetch nothing of what it was given since the last call.</summary>
    public void Pause(IConsumer<Ignore, Ignore> consumer)
    {
        if (_toPause.Count > 0)
        {
            consumer.Pause(consumer.Assignment.Where(_toPause.Contains));
            _toPause.Clear();
        }
    }

    /// <summary>
    /// Takes back what the member still has, with everything committed, and leaves the group. The brokers are told while the caller waits for a moment only: without them
    /// the client would wait for their return, and the process could not end.
    /// </summary>
    /// <param name="consumer">The consumer that is the member for the brokers, which is disposed when it has left.</param>
    /// <param name="beforeGivingBack">Called when the member has finished with partitions and they are still this process's.</param>
    public void Leave(IConsumer<Ignore, Ignore> consumer, Action<IConsumer<Ignore, Ignore>> beforeGivingBack)
    {
        // What the brokers still have to say of assignments is nobody's concern any more, and is told by another thread.
        _isLeaving = true;
        Revoke([.. _given]);
        beforeGivingBack(consumer);
        End(() =>
        {
            if (_name is not null)
            {
                TakeOff(consumer);
            }

            Close(consumer);
        });
    }

    /// <summary>Gives up what the member still has, as another process has come to the group by the same name.</summary>
    /// <param name="consumer">The consumer that was the member for the brokers, which is disposed.</param>
    public void GiveUp(IConsumer<Ignore, Ignore> consumer)
    {
        _isLeaving = true;
        Lose([.. _given]);
        End(() => Close(consumer));
    }

    private void End(Action close)
    {
        Task leaving = Task.Factory.StartNew(close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!leaving.Wait(LeaveFor))
        {
            KafkaTelemetry.LeftWithoutWord(_logger, _options.GroupId);
        }
    }

    /// <summary>
    /// Has the group forget a member with a name, which it would expect back if it only closed. librdkafka tells the group when a member wants no streams any more, and forgets
    /// then the id that the group knew it by.
    /// </summary>
    private void TakeOff(IConsumer<Ignore, Ignore> consumer)
    {
        // The group may know one already that has not heard of it, and would wait for it.
        PollUntil(consumer, () => !string.IsNullOrEmpty(consumer.MemberId), JoinFor);
        consumer.Unsubscribe();
        PollUntil(consumer, () => string.IsNullOrEmpty(consumer.MemberId), LeaveFor);
    }

    private void PollUntil(IConsumer<Ignore, Ignore> consumer, Func<bool> isThere, TimeSpan limit)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < limit && !isThere(); waited += LookEvery)
        {
            try
            {
                consumer.Consume(LookEvery);
            }
            catch (KafkaException e)
            {
                KafkaTelemetry.GroupError(_logger, _options.GroupId, e.Error.Reason);
            }
        }
    }

    private void Close(IConsumer<Ignore, Ignore> consumer)
    {
        try
        {
            consumer.Close();
        }
        catch (KafkaException e)
        {
            KafkaTelemetry.GroupError(_logger, _options.GroupId, e.Error.Reason);
        }
        finally
        {
            consumer.Dispose();
        }
    }

    private void Assign(List<StreamPartition> partitions)
    {
        if (partitions.Count > 0)
        {
            KafkaTelemetry.Assigned(_logger, _options.GroupId, Text(partitions));
            _given.UnionWith(partitions);
            Wait(_member.AssignAsync(partitions, CancellationToken.None));
        }
    }

    private void Revoke(List<StreamPartition> partitions)
    {
        partitions.RemoveAll(partition => !_given.Remove(partition));
        if (partitions.Count == 0)
        {
            return;
        }

        KafkaTelemetry.Revoked(_logger, _options.GroupId, Text(partitions));
        using var limit = new CancellationTokenSource(_options.RevokeTimeout);
        try
        {
            Wait(_member.RevokeAsync(partitions, limit.Token).AsTask().WaitAsync(limit.Token));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            KafkaTelemetry.RevokedTooSlowly(_logger, _options.GroupId, Text(partitions), _options.RevokeTimeout);
            Wait(_member.LoseAsync(partitions, CancellationToken.None));
        }
    }

    private void Lose(List<StreamPartition> partitions)
    {
        partitions.RemoveAll(partition => !_given.Remove(partition));
        if (partitions.Count > 0)
        {
            KafkaTelemetry.Lost(_logger, _options.GroupId, Text(partitions));
            Wait(_member.LoseAsync(partitions, CancellationToken.None));
        }
    }

    private List<StreamPartition> Named(IEnumerable<TopicPartition> partitions) =>
        [.. partitions.Select(partition => new StreamPartition(_streams[partition.Topic], partition.Partition.Value))];

    private static string Text(List<StreamPartition> partitions) => string.Join("; ", partitions);

    // The polling thread has nothing else to do; librdkafka tells the group by a thread of its own that the process lives.
    private static void Wait(ValueTask task) => Wait(task.AsTask());

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
