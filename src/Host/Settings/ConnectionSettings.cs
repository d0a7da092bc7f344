namespace Lambda.Hosting.Settings;

/// <summary>The Kafka cluster that holds the log.</summary>
/// <param name="BootstrapServers">Where it is reached first.</param>
/// <param name="TopicPrefix">What the names of topics begin with, before the stream's.</param>
/// <param name="GroupId">The consumer group that spreads partitions over processes.</param>
/// <param name="Settings">Settings for librdkafka, as they are. They may hold secrets and are never printed.</param>
internal sealed record KafkaSettings(
    string BootstrapServers, string TopicPrefix, string GroupId, IReadOnlyDictionary<string, string> Settings)
{
    public override string ToString() => $"Kafka at {BootstrapServers}";
}

/// <summary>The PostgreSQL database that holds the store.</summary>
/// <param name="ConnectionString">How to reach it. Holds a secret and is never printed.</param>
/// <param name="Schema">The schema that everything is kept in.</param>
internal sealed record PostgresSettings(string ConnectionString, string Schema)
{
    public override string ToString() => $"PostgreSQL, schema {Schema}";
}
