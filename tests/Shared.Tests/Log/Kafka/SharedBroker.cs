using Lambda.Log.Kafka;
using Lambda.Tests.Log.Kafka;
using Lambda.TestSupport.Kafka;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace Lambda.Tests.Log.Kafka;

/// <summary>One broker for all tests of the run, started by the first that needs it.</summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private readonly Lazy<Task<KafkaBroker>> _broker = new(() => KafkaBroker.StartAsync());

    /// <summary>The broker, or a skipped test where there is none to be had.</summary>
    public Task<KafkaBroker> BrokerAsync()
    {
        SkipWithoutKafka();
        return _broker.Value;
    }

    /// <summary>Options with topics that no other caller has.</summary>
    public async Task<KafkaOptions> NewOptionsAsync()
    {
        KafkaBroker broker = await BrokerAsync();
        string unique = $"{Guid.NewGuid():N}-";
        return new KafkaOptions { BootstrapServers = broker.Bootstrap, TopicPrefix = unique, GroupId = unique };
    }

    public static void SkipWithoutKafka()
    {
        if (KafkaBroker.WhyNot is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _broker.Value).DisposeAsync();
        }
    }
}
