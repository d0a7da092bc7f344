using Lambda.Log;
using Lambda.Log.Kafka;
using Xunit;

namespace Lambda.Tests.Log.Kafka;

public class KafkaOptionsTests
{
    private static readonly KafkaOptions Good = new() { BootstrapServers = "127.0.0.1:1" };

    [Fact]
    public void A_setting_that_librdkafka_does_not_know_is_refused_in_its_words()
    {
        EventLogException refused = Refused(Good with { Settings = new Dictionary<string, string> { ["sasl.usrname"] = "me" } });

        Assert.Contains("No such configuration property: \"sasl.usrname\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_librdkafka_does_not_take_is_refused()
    {
        EventLogException refused = Refused(Good with { ProducerSettings = new Dictionary<string, string> { ["compression.type"] = "best" } });

        Assert.Contains("compression.type", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acks", "1")]
    [InlineData("transactional.id", "orders")]
    [InlineData("enable.idempotence", "false")]
    [InlineData("isolation.level", "read_uncommitted")]
    [InlineData("auto.offset.reset", "earliest")]
    public void What_the_promises_rest_on_cannot_be_set(string name, string value)
    {
        EventLogException refused = Refused(Good with { Settings = new Dictionary<string, string> { [name] = value } });

        Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_an_option_is_not_set_twice()
    {
        EventLogException refused = Refused(Good with { ConsumerSettings = new Dictionary<string, string> { ["group.id"] = "other" } });

        Assert.Contains("KafkaOptions", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_options_are_named()
    {
        Assert.Contains("BootstrapServers", Refused(Good with { BootstrapServers = " " }).Message, StringComparison.Ordinal);
        Assert.Contains("TopicPrefix", Refused(Good with { TopicPrefix = "a/b" }).Message, StringComparison.Ordinal);
        Assert.Contains("GroupId", Refused(Good with { GroupId = "" }).Message, StringComparison.Ordinal);
        Assert.Contains("MaxRecordBytes", Refused(Good with { MaxRecordBytes = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("AppendTimeout", Refused(Good with { AppendTimeout = TimeSpan.Zero }).Message, StringComparison.Ordinal);
        Assert.Contains("ReplicationFactor", Refused(Good with { ReplicationFactor = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Topics", Refused(Good with { Topics = new Dictionary<string, string> { ["s"] = "a b" } }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_in_one_topic_are_named()
    {
        KafkaOptions options = Good with { Topics = new Dictionary<string, string> { ["orders"] = "events", ["returns"] = "events" } };

        EventLogException refused = await Assert.ThrowsAsync<EventLogException>(GroupMember.Join(options, new(), ["orders", "returns"]).LeaveAsync);

        Assert.Contains("'orders', 'returns'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'events'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_an_error_that_names_the_stream()
    {
        await using KafkaLog log = KafkaLog.Open(Good with { RequestTimeout = TimeSpan.FromSeconds(1) }, TimeProvider.System);

        EventLogException failed = await Assert.ThrowsAsync<EventLogException>(
            async () => await log.EnsureStreamAsync("orders", 1, TestContext.Current.CancellationToken));

        Assert.Contains("'orders'", failed.Message, StringComparison.Ordinal);
    }

    private static EventLogException Refused(KafkaOptions options) =>
        Assert.Throws<EventLogException>(() => KafkaLog.Open(options, TimeProvider.System));
}
