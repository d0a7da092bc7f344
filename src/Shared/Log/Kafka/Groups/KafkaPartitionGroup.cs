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
    private readonly ILogger _logger;

    // How far partitions are committed in the store, as far as the group was not told yet.
    private readonly ConcurrentDictionary<StreamPartition, long> _committed = new();

    /// <summary>A group that nobody has joined yet.</summary>
    /// <param name="options">Where the brokers are, and which group.</param>
    /// <param name="time">Tells messages that come again from new ones.</param>
    /// <param name="logger">Gets what librdkafka and the group have to say to operators.</param>
    /// <exception cref="EventLogException">An option is out of range, or librdkafka does not take a setting.</exception>
    public KafkaPartitionGroup(KafkaOptions options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        _options = options;
        _logger = new SparingLogger(logger, time);
    }

    /// <inheritdoc/>
    public Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Run(streams, member, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void ReportCommitted(StreamPartition partition, long nextOffset) => _committed[partition] = nextOffset;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Run(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        var membership = new Membership(streams, member, _options, _logger);
        IConsumer<Ignore, Ignore> consumer = membership.Open(TellGroup);
        try
        {
            consumer.Subscribe(streams.Select(_options.TopicOf));
            while (!cancellationToken.IsCancellationRequested)
            {
                Poll(consumer);
                membership.Pause(consumer);
                TellGroup(consumer);
            }
        }
        finally
        {
            // Gives back what is still here, and leaves.
            membership.Leave(consumer, TellGroup);
        }
    }

    private void Poll(IConsumer<Ignore, Ignore> consumer)
    {
        try
        {
            consumer.Consume(PollFor);
        }
        catch (ConsumeException e) when (!IsHopeless(e.Error))
        {
            // Such as a broker that is down: librdkafka tries again.
            KafkaTelemetry.GroupError(_logger, _options.GroupId, e.Error.Reason);
        }
        catch (KafkaException e) when (IsHopeless(e.Error))
        {
            var reason = new KafkaError((int)e.Error.Code, e.Error.Reason);
            throw new EventLogException($"The Kafka group '{_options.GroupId}' cannot be joined: {reason} {Remedy(e.Error.Code)}", e);
        }
    }

    private static bool IsHopeless(Error error) => error.IsFatal || error.Code is ErrorCode.GroupAuthorizationFailed or ErrorCode.InconsistentGroupProtocol
        or ErrorCode.InvalidGroupId or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedAssignor or ErrorCode.FencedInstanceId;

    private static string Remedy(ErrorCode code) => code switch
    {
        ErrorCode.GroupAuthorizationFailed => "Allow this client's user to read the group.",
        ErrorCode.InconsistentGroupProtocol => "Other members of the group use another protocol or other streams: give this process a group of its own.",
        ErrorCode.UnsupportedVersion => $"The brokers do not know this protocol: set {nameof(KafkaOptions)}.{nameof(KafkaOptions.GroupProtocol)} to {KafkaGroupProtocol.Cooperative}.",
        ErrorCode.FencedInstanceId => "Another process has the same group.instance.id.",
        _ => "Check the brokers and the options of the group.",
    };

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
}
