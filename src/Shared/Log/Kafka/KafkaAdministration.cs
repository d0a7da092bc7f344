using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Lambda.Log.Kafka;

/// <summary>Opens the client that asks and instructs the brokers.</summary>
internal static class KafkaAdministration
{
    public static IAdminClient Open(KafkaOptions options, KafkaConnection connection, ILogger logger) =>
        new AdminClientBuilder(KafkaSettings.OfAdministration(options))
            .SetLogHandler((_, line) => KafkaTelemetry.Tell(logger, (int)line.Level, line.Facility, line.Message))
            .SetErrorHandler((_, error) =>
            {
                connection.Note(error);
                KafkaTelemetry.ConnectionTrouble(logger, error.Reason);
            })
            .Build();
}
