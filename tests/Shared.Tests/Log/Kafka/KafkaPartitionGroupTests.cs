using System.Collections.Concurrent;
using Confluent.Kafka;
using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

public sealed class KafkaPartitionGroupTests(SharedBroker broker)
{
    private const string Stream = "events";
    private const int Partitions = 4;

    private readonly ConcurrentDictionary<StreamPartition, GroupMember> _owners = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative)]
    [InlineData(KafkaGroupProtocol.Broker)]
    public async Task Partitions_spread_over_members_that_join_and_leave_and_each_has_one_owner_at_a_time(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await StreamAsync(protocol);
        await using GroupMember first = Join(options);
        await first.HasAsync(Partitions, Cancel);

        await using GroupMember second = Join(options);
        await second.HasAsync(Partitions / 2, Cancel);
        await first.HasAsync(Partitions / 2, Cancel);

        await using GroupMember third = Join(options);
        await third.HasAsync(1, Cancel);
        await first.LeaveAsync();
        await second.HasAsync(Partitions / 2, Cancel);
        await third.HasAsync(Partitions / 2, Cancel);
        await second.LeaveAsync();
        await third.HasAsync(Partitions, Cancel);
        await third.LeaveAsync();

        Assert.Empty(_owners);
        Assert.Empty(first.Violations.Concat(second.Violations).Concat(third.Violations));
        Assert.Equal(0, first.Lost + second.Lost + third.Lost);
    }

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative)]
    [InlineData(KafkaGroupProtocol.Broker)]
    public async Task Nobody_gets_a_partition_before_its_owner_has_finished_with_it(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await StreamAsync(protocol);
        var asked = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        await using GroupMember first = Join(options, async cancellationToken =>
        {
            asked.TrySetResult();
            await finish.Task.WaitAsync(cancellationToken);
        });
        await first.HasAsync(Partitions, Cancel);
        await using GroupMember second = Join(options);

        await asked.Task.WaitAsync(Cancel);
        Assert.Equal(Partitions, _owners.Values.Count(owner => owner == first));
        finish.SetResult();
        await second.HasAsync(Partitions / 2, Cancel);

        Assert.Empty(first.Violations.Concat(second.Violations));
        Assert.Equal(0, first.Lost);
    }

    [Fact]
    public async Task Partitions_that_are_not_given_back_in_time_are_lost()
    {
        KafkaOptions options = await StreamAsync(KafkaGroupProtocol.Cooperative) with { RevokeTimeout = TimeSpan.FromSeconds(1) };
        await using GroupMember first = Join(options, cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken));
        await first.HasAsync(Partitions, Cancel);

        await using GroupMember second = Join(options);
        await second.HasAsync(Partitions / 2, Cancel);

        Assert.Equal(Partitions / 2, first.Lost);
    }

    [Fact]
    public async Task What_is_committed_can_be_seen_in_the_group()
    {
        KafkaOptions options = await StreamAsync(KafkaGroupProtocol.Cooperative);
        await using (GroupMember member = Join(options))
        {
            await member.HasAsync(Partitions, Cancel);
            member.ReportCommitted(new StreamPartition(Stream, 2), 1234);
        }

        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers }).Build();
        var partition = new TopicPartition(options.TopicOf(Stream), 2);
        var seen = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(options.GroupId, [partition])]);
        Assert.Equal(1234, seen[0].Partitions[0].Offset.Value);
    }

    private async Task<KafkaOptions> StreamAsync(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { GroupProtocol = protocol, SessionTimeout = TimeSpan.FromSeconds(6) };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, Partitions, Cancel);
        return options;
    }

    private GroupMember Join(KafkaOptions options, Func<CancellationToken, Task>? draining = null) => GroupMember.Join(options, _owners, [Stream], draining);
}
