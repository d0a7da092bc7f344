using System.Collections.Concurrent;
using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>Members that end or halt without a word. They are processes of their own; the member that stays is in this one.</summary>
public sealed class KafkaGroupCrashTests(SharedBroker broker)
{
    private const string Stream = "events";
    private const int Partitions = 4;

    private readonly ConcurrentDictionary<StreamPartition, GroupMember> _owners = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative)]
    [InlineData(KafkaGroupProtocol.Broker)]
    public async Task The_partitions_of_a_process_that_was_killed_go_to_the_others(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await StreamAsync(protocol);
        await using GroupMember staying = GroupMember.Join(options, _owners, [Stream]);
        await staying.HasAsync(Partitions, Cancel);
        await using MemberProcess other = MemberProcess.Start(options, Stream);
        await other.OwnsAsync(Partitions / 2, Cancel);
        await staying.HasAsync(Partitions / 2, Cancel);

        other.Kill();

        await staying.HasAsync(Partitions, Cancel);
        Assert.Empty(staying.Violations);
        Assert.Equal(0, staying.Lost);
    }

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative)]
    [InlineData(KafkaGroupProtocol.Broker)]
    public async Task A_process_that_was_halted_for_too_long_learns_that_it_has_lost_its_partitions_and_joins_again(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await StreamAsync(protocol);
        await using GroupMember staying = GroupMember.Join(options, _owners, [Stream]);
        await staying.HasAsync(Partitions, Cancel);
        await using MemberProcess other = MemberProcess.Start(options, Stream);
        await other.OwnsAsync(Partitions / 2, Cancel);
        await staying.HasAsync(Partitions / 2, Cancel);

        await other.SignalAsync("-STOP", Cancel);
        await staying.HasAsync(Partitions, Cancel);
        await other.SignalAsync("-CONT", Cancel);

        await other.LosesAsync(Partitions / 2, Cancel);
        await other.OwnsAsync(Partitions / 2, Cancel);
        await staying.HasAsync(Partitions / 2, Cancel);
        Assert.Equal(0, other.GivenBack);
        Assert.Empty(staying.Violations);
        Assert.Equal(0, staying.Lost);
    }

    /// <summary>Without a name the group waits until it misses the process that was killed.</summary>
    [Fact]
    public async Task A_process_with_an_instance_id_that_was_killed_has_its_partitions_again_as_soon_as_it_is_back()
    {
        KafkaOptions options = await StreamAsync(KafkaGroupProtocol.Cooperative) with
        {
            SessionTimeout = TimeSpan.FromMinutes(10),
            ConsumerSettings = new Dictionary<string, string> { ["group.instance.id"] = "one" },
        };
        await using MemberProcess first = MemberProcess.Start(options, Stream);
        await first.OwnsAsync(Partitions, Cancel);
        first.Kill();

        await using GroupMember back = GroupMember.Join(options, _owners, [Stream]);

        await back.HasAsync(Partitions, Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
        Assert.Empty(back.Violations);
    }

    private async Task<KafkaOptions> StreamAsync(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { GroupProtocol = protocol, SessionTimeout = TimeSpan.FromSeconds(6) };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, Partitions, Cancel);
        return options;
    }
}
