using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.TestSupport.Kafka;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>
/// A broker that starts again leads its partitions in a new epoch. The client that asks for offsets kept the old one for a quarter of an hour, and every
/// question was refused for that long: no lag, no batch runs, and no partition that moved could go on.
/// </summary>
public class BrokerRestartTests
{
    private const string Stream = "restarted";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Offsets_are_known_again_soon_after_a_broker_was_killed_and_started_again()
    {
        Installation.RequireParts();
        await using KafkaBroker broker = await KafkaBroker.StartAsync();
        await using KafkaLog log = KafkaLog.Open(
            new KafkaOptions { BootstrapServers = broker.Bootstrap, RequestTimeout = TimeSpan.FromSeconds(15) }, TimeProvider.System);
        await log.EnsureStreamAsync(Stream, 1, Cancellation);
        await AppendAsync(log);
        Assert.Equal(new OffsetRange(0, 1), await log.GetOffsetsAsync(Stream, 0, Cancellation));

        await broker.KillAsync();
        await broker.StartAgainAsync();
        await AppendAsync(log);

        Assert.Equal(new OffsetRange(0, 2), await log.GetOffsetsAsync(Stream, 0, Cancellation).AsTask().WaitAsync(Soon, Cancellation));
    }

    private static async Task AppendAsync(KafkaLog log)
    {
        using RecordBatch records = new();
        records.Add([], "{}"u8);
        await log.AppendAsync(Stream, records, Cancellation);
    }
}
