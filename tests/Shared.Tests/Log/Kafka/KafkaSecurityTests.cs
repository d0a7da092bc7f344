using System.Collections.Concurrent;
using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

/// <summary>The whole contract over TLS, as a user with a password and no more rights than docs/kafka.md asks for.</summary>
public sealed class KafkaSecurityTests(SecuredBroker broker) : EventLogContract
{
    private const string Topic = "orders";

    [Theory]
    [InlineData(KafkaGroupProtocol.Cooperative)]
    [InlineData(KafkaGroupProtocol.Broker)]
    public async Task Such_a_user_is_a_member_of_the_group(KafkaGroupProtocol protocol)
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { GroupProtocol = protocol };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Topic, 3, Cancel);
        await using GroupMember member = GroupMember.Join(options, new ConcurrentDictionary<StreamPartition, GroupMember>(), [Topic]);
        await member.HasAsync(3, Cancel);
        await member.LeaveAsync();
    }

    [Theory]
    [InlineData("sasl.password", "wrong", "Authentication failed")]
    [InlineData("ssl.ca.location", null, "certificate verify failed")]
    [InlineData("security.protocol", "SASL_PLAINTEXT", "settings of SASL and TLS")]
    public async Task What_is_wrong_with_the_way_to_the_brokers_is_said(string setting, string? value, string said)
    {
        KafkaOptions options = await broker.NewOptionsAsync();
        Dictionary<string, string> settings = new(options.Settings);
        settings.Remove(setting);
        if (value is not null)
        {
            settings[setting] = value;
        }

        await using KafkaLog log = KafkaLog.Open(options with { Settings = settings, RequestTimeout = TimeSpan.FromSeconds(3) }, TimeProvider.System);
        EventLogException error = await Assert.ThrowsAsync<EventLogException>(async () => await log.EnsureStreamAsync(Topic, 3, Cancel));
        Assert.True(error.Message.Contains(said, StringComparison.OrdinalIgnoreCase), error.Message);
        Assert.Contains(options.BootstrapServers, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_the_user_has_no_right_to_is_named()
    {
        KafkaOptions options = await broker.NewOptionsAsync() with { TopicPrefix = "others-", RequestTimeout = TimeSpan.FromSeconds(5) };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        EventLogException error = await Assert.ThrowsAsync<EventLogException>(async () => await log.EnsureStreamAsync(Topic, 3, Cancel));
        Assert.Contains("others-orders", error.Message, StringComparison.Ordinal);
        Assert.Contains("authorization", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    protected override async ValueTask<IEventLog> OpenAsync() => KafkaLog.Open(await broker.NewOptionsAsync(), TimeProvider.System);
}
