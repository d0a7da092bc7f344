using Lambda.Hosting.Commands;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Store.Postgres;

namespace Lambda.Hosting.Settings;

/// <summary>Reads where log and store are when they are not in the data folder. Values may be secrets, so no error repeats one.</summary>
internal static class ConnectionSettings
{
    /// <summary>The largest record where Kafka is left as it is installed.</summary>
    public const int UsualKafkaRecordBytes = 1_000_000;

    private const string Kafka = "Kafka";
    private const string Postgres = "Postgres";
    private const string ConnectionString = $"{Postgres}:{nameof(PostgresStoreOptions.ConnectionString)}";
    private const string Schema = $"{Postgres}:{nameof(PostgresStoreOptions.Schema)}";

    /// <summary>Whether the log is in Kafka.</summary>
    public static bool HasKafka(SettingReader read) => read.HasAny(Kafka);

    /// <summary>The cluster that holds the log; null when none of its settings is given.</summary>
    public static KafkaOptions? ReadKafka(SettingReader read, string application, int maxRecordBytes)
    {
        string? protocol = read.Text(Name(nameof(KafkaOptions.GroupProtocol)));
        KafkaOptions options = new()
        {
            BootstrapServers = read.Text(Name(nameof(KafkaOptions.BootstrapServers))) ?? "",
            TopicPrefix = read.Text(Name(nameof(KafkaOptions.TopicPrefix))) ?? "",
            Topics = read.Values(Name(nameof(KafkaOptions.Topics))),
            TopicSettings = read.Values(Name(nameof(KafkaOptions.TopicSettings))),
            ReplicationFactor = read.SmallNumber(Name(nameof(KafkaOptions.ReplicationFactor)), 0) is not 0 and int factor ? (short)Math.Min(factor, short.MaxValue) : null,
            GroupId = read.Text(Name(nameof(KafkaOptions.GroupId))) ?? $"lambda-{application}",
            GroupProtocol = protocol is null ? KafkaGroupProtocol.Cooperative : Protocol(protocol),
            SessionTimeout = read.Duration(Name(nameof(KafkaOptions.SessionTimeout)), TimeSpan.FromSeconds(10)),
            AppendTimeout = read.Duration(Name(nameof(KafkaOptions.AppendTimeout)), TimeSpan.FromMinutes(1)),
            MaxRecordBytes = maxRecordBytes,
            Settings = read.Values(Name(nameof(KafkaOptions.Settings))),
            ConsumerSettings = read.Values(Name(nameof(KafkaOptions.ConsumerSettings))),
            ProducerSettings = read.Values(Name(nameof(KafkaOptions.ProducerSettings))),
        };
        return read.HasAny(Kafka) ? options : null;
    }

    /// <summary>The database that holds the store; null when none of its settings is given.</summary>
    public static PostgresSettings? ReadPostgres(SettingReader read)
    {
        string? connection = read.Text(ConnectionString);
        string? schema = read.Text(Schema);
        return read.HasAny(Postgres) ? new PostgresSettings(connection ?? "", schema) : null;
    }

    /// <summary>Holds what is set to what is possible.</summary>
    /// <exception cref="CommandException">Something is missing or wrong.</exception>
    public static void Check(KafkaOptions? kafka)
    {
        if (kafka is { BootstrapServers: "" })
        {
            throw SettingReader.Missing(
                Name(nameof(KafkaOptions.BootstrapServers)),
                "Give host and port of one or more brokers, such as broker:9092, or leave out all settings of Kafka.");
        }

        try
        {
            kafka?.Validate();
        }
        catch (EventLogException error)
        {
            throw new CommandException($"The settings of section '{Kafka}' cannot be used. {error.Message}", ExitCodes.WrongUsage, error);
        }
    }

    /// <summary>Makes options of the settings.</summary>
    /// <exception cref="CommandException">Something is missing or wrong.</exception>
    public static PostgresStoreOptions? Check(PostgresSettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        if (settings.ConnectionString.Length == 0)
        {
            throw SettingReader.Missing(
                ConnectionString, "Give one such as Host=db;Database=lambda;Username=lambda;Password=…, or leave out all settings of PostgreSQL.");
        }

        PostgresStoreOptions options;
        try
        {
            options = new PostgresStoreOptions { ConnectionString = settings.ConnectionString };
        }
        catch (ArgumentException error)
        {
            throw SettingReader.WrongSecret(ConnectionString, error.Message.Split(" (Parameter", 2)[0]);
        }

        try
        {
            return settings.Schema is { } schema ? options with { Schema = schema } : options;
        }
        catch (ArgumentException error)
        {
            throw SettingReader.Wrong(Schema, settings.Schema, error.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private static string Name(string option) => $"{Kafka}:{option}";

    private static KafkaGroupProtocol Protocol(string text) =>
        Enum.TryParse(text, ignoreCase: true, out KafkaGroupProtocol protocol) && Enum.IsDefined(protocol) ? protocol : throw SettingReader.Wrong(
            Name(nameof(KafkaOptions.GroupProtocol)), text, $"Give one of: {string.Join(", ", Enum.GetNames<KafkaGroupProtocol>())}.");
}

/// <summary>The settings of PostgreSQL as they were given.</summary>
/// <param name="ConnectionString">How to reach the database; empty when it was left out.</param>
/// <param name="Schema">The schema; null when it was left out.</param>
internal sealed record PostgresSettings(string ConnectionString, string? Schema);
