using Lambda.Log;
using Lambda.Log.Kafka;

namespace Lambda.Tests.Log.Kafka;

public sealed class KafkaLogTests(SharedBroker broker) : EventLogContract
{
    protected override async ValueTask<IEventLog> OpenAsync() => KafkaLog.Open(await broker.NewOptionsAsync(), TimeProvider.System);
}
