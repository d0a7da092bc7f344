using System.Globalization;
using Lambda.Batch.History.Storage;
using Lambda.Batch.History.Storage.S3;
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
    private const string History = "History";
    private const string S3 = "S3";
    private const string S3Endpoint = $"{S3}:{nameof(S3Options.Endpoint)}";
    private const string S3PathStyle = $"{S3}:PathStyle";
    private const string PostgresExample = "Give one such as Host=db;Database=lambda;Username=lambda;Password=….";
    private const string Schema = $"{Postgres}:{nameof(PostgresStoreOptions.Schema)}";

    /// <summary>Whether the log is in Kafka.</summary>
    public static bool HasKafka(SettingReader read) => read.HasAny(Kafka) || read.IsEmpty(Name(nameof(KafkaOptions.BootstrapServers)));

    /// <summary>The cluster that holds the log; null when none of its settings is given.</summary>
    public static KafkaOptions? ReadKafka(SettingReader read, string application, int maxRecordBytes)
    {
        string? protocol = read.Text(Name(nameof(KafkaOptions.GroupProtocol)));
        KafkaOptions options = new()
        {
            BootstrapServers = read.Text(Name(nameof(KafkaOptions.BootstrapServers)))?.Trim() ?? "",
            TopicPrefix = read.Text(Name(nameof(KafkaOptions.TopicPrefix))) ?? "",
            Topics = read.Values(Name(nameof(KafkaOptions.Topics))),
            TopicSettings = read.Values(Name(nameof(KafkaOptions.TopicSettings))),
            ReplicationFactor = ReadReplicationFactor(read),
            GroupId = read.Text(Name(nameof(KafkaOptions.GroupId))) ?? $"lambda-{application}",
            GroupProtocol = protocol is null ? KafkaGroupProtocol.Cooperative : Protocol(protocol),
            SessionTimeout = read.Duration(Name(nameof(KafkaOptions.SessionTimeout)), TimeSpan.FromSeconds(10)),
            AppendTimeout = read.Duration(Name(nameof(KafkaOptions.AppendTimeout)), TimeSpan.FromMinutes(1)),
            MaxRecordBytes = maxRecordBytes,
            Settings = read.Values(Name(nameof(KafkaOptions.Settings))),
            ConsumerSettings = read.Values(Name(nameof(KafkaOptions.ConsumerSettings))),
            ProducerSettings = read.Values(Name(nameof(KafkaOptions.ProducerSettings))),
        };
        return HasKafka(read) ? options : null;
    }

    /// <summary>The database that holds the store; null when none of its settings is given.</summary>
    public static PostgresSettings? ReadPostgres(SettingReader read)
    {
        string? connection = read.Text(ConnectionString);
        string? schema = read.Text(Schema);
        return read.HasAny(Postgres) || read.IsEmpty(ConnectionString) ? new PostgresSettings(connection?.Trim() ?? "", schema) : null;
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
                ConnectionString, $"{PostgresExample[..^1]}, or leave out all settings of PostgreSQL.");
        }

        PostgresStoreOptions options;
        try
        {
            options = new PostgresStoreOptions { ConnectionString = settings.ConnectionString };
        }
        catch (ArgumentException error)
        {
            throw SettingReader.WrongSecret(ConnectionString, $"{error.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}. {PostgresExample}");
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

    /// <summary>Where histories are; null when they are in the data folder.</summary>
    public static HistorySettings? ReadHistory(SettingReader read)
    {
        HistorySettings settings = new(
            read.Text(History)?.Trim() ?? "",
            read.Text(S3Endpoint),
            read.Text(S3Name(nameof(S3Options.Region))),
            read.Text(S3Name(nameof(S3Options.AccessKey))),
            read.Text(S3Name(nameof(S3Options.SecretKey))),
            read.Text(S3PathStyle) is null ? null : read.Flag(S3PathStyle, usual: false));
        return settings.Location.Length > 0 || read.HasAny(S3) || read.IsEmpty(History) ? settings : null;
    }

    /// <summary>Makes a location of the settings.</summary>
    /// <exception cref="CommandException">Something is missing or wrong.</exception>
    public static HistoryLocation? Check(HistorySettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        // With one slash it would be a folder of that name, and the history would be begun anew there.
        bool isMistyped = settings.Location.StartsWith("s3:", StringComparison.OrdinalIgnoreCase)
            && !settings.Location.StartsWith("s3://", StringComparison.OrdinalIgnoreCase);
        if (!isMistyped && !settings.Location.Contains("://", StringComparison.Ordinal))
        {
            return settings.Location.Length > 0
                ? new HistoryLocation.Folder(Path.GetFullPath(settings.Location))
                : throw SettingReader.Missing(History, "Give a location such as s3://bucket/prefix, or leave out this and all settings of S3.");
        }

        if (S3Options.Parse(settings.Location) is not var (bucket, prefix))
        {
            throw SettingReader.Wrong(History, settings.Location, "Give a folder, or a location such as s3://bucket/prefix.");
        }

        if (settings.AccessKey is null != settings.SecretKey is null)
        {
            throw SettingReader.Missing(
                S3Name(settings.AccessKey is null ? nameof(S3Options.AccessKey) : nameof(S3Options.SecretKey)),
                "Give key and secret, or neither to have them found as Amazon's tools do.");
        }

        Uri? endpoint = null;
        if (settings.Endpoint is { } address
            && (!Uri.TryCreate(address, UriKind.Absolute, out endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps)))
        {
            throw SettingReader.Wrong(S3Endpoint, address, "Give the address of a server, such as https://minio.example:9000.");
        }

        return new HistoryLocation.InS3(new S3Options
        {
            Bucket = bucket,
            Prefix = prefix,
            Endpoint = endpoint,
            Region = settings.Region ?? (endpoint is null ? null : "us-east-1"),
            AccessKey = settings.AccessKey,
            SecretKey = settings.SecretKey,
            UsesPathStyle = settings.UsesPathStyle ?? endpoint is not null,
        });
    }

    private static string S3Name(string option) => $"{S3}:{option}";

    /// <exception cref="CommandException">It is below zero, or more than Kafka has a number for.</exception>
    private static short? ReadReplicationFactor(SettingReader read)
    {
        string name = Name(nameof(KafkaOptions.ReplicationFactor));
        return read.SmallNumber(name, 0) switch
        {
            0 => null,
            > 0 and <= short.MaxValue and int factor => (short)factor,
            int wrong => throw SettingReader.Wrong(
                name, wrong.ToString(CultureInfo.InvariantCulture), $"Give 1 to {short.MaxValue}, or leave it out for what the brokers are set to."),
        };
    }

    private static string Name(string option) => $"{Kafka}:{option}";

    private static KafkaGroupProtocol Protocol(string text) =>
        Enum.TryParse(text, ignoreCase: true, out KafkaGroupProtocol protocol) && Enum.IsDefined(protocol) ? protocol : throw SettingReader.Wrong(
            Name(nameof(KafkaOptions.GroupProtocol)), text, $"Give one of: {string.Join(", ", Enum.GetNames<KafkaGroupProtocol>())}.");
}

/// <summary>Where histories are, as it was given.</summary>
/// <param name="Location">A folder or an address; empty when it was left out.</param>
/// <param name="Endpoint">The server; null when it was left out.</param>
/// <param name="Region">The region; null when it was left out.</param>
/// <param name="AccessKey">The access key; null when it was left out.</param>
/// <param name="SecretKey">Its secret; null when it was left out.</param>
/// <param name="UsesPathStyle">Whether buckets are parts of paths; null when it was left out.</param>
internal sealed record HistorySettings(
    string Location, string? Endpoint, string? Region, string? AccessKey, string? SecretKey, bool? UsesPathStyle);

/// <summary>The settings of PostgreSQL as they were given.</summary>
/// <param name="ConnectionString">How to reach the database; empty when it was left out.</param>
/// <param name="Schema">The schema; null when it was left out.</param>
internal sealed record PostgresSettings(string ConnectionString, string? Schema);
