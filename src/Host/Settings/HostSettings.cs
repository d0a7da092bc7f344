using System.Globalization;
using Lambda.Batch;
using Lambda.Batch.History.Storage;
using Lambda.Hosting.Commands;
using Lambda.Log.Kafka;
using Lambda.Serving;
using Lambda.Serving.Security;
using Lambda.Speed;
using Lambda.Store.Postgres;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>The settings of all parts, validated.</summary>
internal sealed record HostSettings
{
    /// <summary>The data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the server listens.</summary>
    public required ServerAddress Address { get; init; }

    /// <summary>Whether other machines may reach the server.</summary>
    public required bool AllowsRemote { get; init; }

    /// <summary>Host names that requests may be addressed to besides those of this machine; <c>*</c> stands for any.</summary>
    public required IReadOnlyList<string> AllowedHosts { get; init; }

    /// <summary>The keys that callers are known by; none when everybody who reaches the server may do everything.</summary>
    public required IReadOnlyList<ApiKey> ApiKeys { get; init; }

    /// <summary>The key that commands send to a server; null when they have none.</summary>
    public required string? ApiKey { get; init; }

    /// <summary>What of the platform the process runs.</summary>
    public required Layers Layers { get; init; }

    /// <summary>The server that commands ask; null when they look for one or open the data themselves.</summary>
    public required Uri? Server { get; init; }

    /// <summary>The cluster that holds the log; null when it is in the data folder.</summary>
    public required KafkaOptions? Kafka { get; init; }

    /// <summary>The database that holds the store; null when it is in the data folder.</summary>
    public required PostgresStoreOptions? Postgres { get; init; }

    /// <summary>Where histories are; null when they are in the data folder.</summary>
    public required HistoryLocation? History { get; init; }

    public required SpeedOptions Speed { get; init; }

    public required BatchOptions Batch { get; init; }

    /// <summary>The largest record, key and value together, in bytes.</summary>
    public required int MaxRecordBytes { get; init; }

    /// <summary>How many parts the windows of an answer may be made of where they overlap.</summary>
    public required int MaxWindowParts { get; init; }

    /// <summary>How much memory the embedded view store may use, in megabytes.</summary>
    public required int StoreMemoryMegabytes { get; init; }

    /// <summary>Whether several processes can share log and store.</summary>
    public bool IsShared => Kafka is not null && Postgres is not null;

    /// <summary>Reads all settings.</summary>
    /// <param name="application">The application.</param>
    /// <param name="given">What was given on the command line.</param>
    /// <exception cref="CommandException">A setting is wrong or unknown, or does not go with another.</exception>
    public static HostSettings Read(Application application, GivenSettings given)
    {
        IConfigurationSection section = application.Configuration.GetSection(SettingsSources.Section);
        SettingReader read = new(section);
        (HostSettings settings, PostgresSettings? postgres, HistorySettings? history) = SettingReader.Checked(() => Read(read, application.Name, given));
        MustBeAtLeast("MaxRecordBytes", settings.MaxRecordBytes, 1);
        MustBeAtLeast("MaxWindowParts", settings.MaxWindowParts, 1);
        MustBeAtLeast("StoreMemoryMegabytes", settings.StoreMemoryMegabytes, 64);
        MustBeHosts(settings.AllowedHosts);
        read.Known.RefuseOthers(section, SettingsSources.EnvironmentNames());
        ConnectionSettings.Check(settings.Kafka);
        settings = settings with { Postgres = ConnectionSettings.Check(postgres), History = ConnectionSettings.Check(history) };
        MustBeShared(settings);
        return settings;
    }

    /// <summary>The names of all settings.</summary>
    public static IEnumerable<string> Names()
    {
        SettingReader read = new(new ConfigurationManager());
        Read(read, "app", new GivenSettings());
        return read.Known.Names;
    }

    /// <summary>All settings, but for those of store and history, which are refused one by one and not before unknown names are.</summary>
    private static (HostSettings Settings, PostgresSettings? Postgres, HistorySettings? History) Read(SettingReader read, string application, GivenSettings given)
    {
        bool allowsRemote = read.Flag(ServerAddress.AllowRemoteSetting, usual: false);
        IReadOnlyList<ApiKey> keys = KeySettings.Read(read);
        string? data = read.Text("Data");
        string? urls = read.Text("Urls");
        string? layers = read.Text("Layers");
        string? server = read.Text("Server");
        int maxRecordBytes = ReadMaxRecordBytes(read);
        HostSettings settings = new()
        {
            DataFolder = Named(given.Data ?? data) ?? DefaultFolder(application),
            Address = ServerAddress.Parse(given.Urls ?? urls ?? ServerAddress.Default, allowsRemote || keys.Count > 0),
            AllowsRemote = allowsRemote,
            AllowedHosts = read.Texts("AllowedHosts"),
            ApiKeys = keys,
            ApiKey = read.Text("ApiKey"),
            Layers = (given.Layers ?? layers) is { } names ? LayerNames.Parse(names) : Layers.All,
            Server = (given.Server ?? server) is { } address ? ServerOf(address) : null,
            Kafka = ConnectionSettings.ReadKafka(read, application, maxRecordBytes),
            Postgres = null,
            History = null,
            Speed = ReadSpeed(read),
            Batch = ReadBatch(read),
            MaxRecordBytes = maxRecordBytes,
            MaxWindowParts = read.SmallNumber(nameof(MaxWindowParts), new ServingOptions().MaxWindowParts),
            StoreMemoryMegabytes = ReadStoreMemory(read),
        };
        return (settings, ConnectionSettings.ReadPostgres(read), ConnectionSettings.ReadHistory(read));
    }

    /// <summary>The largest record; in Kafka usually what its brokers take.</summary>
    internal static int ReadMaxRecordBytes(SettingReader read) =>
        read.SmallNumber(nameof(MaxRecordBytes), ConnectionSettings.HasKafka(read) ? ConnectionSettings.UsualKafkaRecordBytes : 1 << 20);

    /// <summary>How much memory the embedded view store may use.</summary>
    internal static int ReadStoreMemory(SettingReader read) => read.SmallNumber(nameof(StoreMemoryMegabytes), 256);

    /// <summary>How the speed layer works.</summary>
    internal static SpeedOptions ReadSpeed(SettingReader read)
    {
        SpeedOptions usual = SpeedOptions.Default;
        return new SpeedOptions
        {
            CommitInterval = read.Duration(nameof(SpeedOptions.CommitInterval), usual.CommitInterval),
            EpochInterval = read.Duration(nameof(SpeedOptions.EpochInterval), usual.EpochInterval),
            MaxEventsPerCommit = read.SmallNumber(nameof(SpeedOptions.MaxEventsPerCommit), usual.MaxEventsPerCommit),
            MaxEpochBytes = read.Number(nameof(SpeedOptions.MaxEpochBytes), usual.MaxEpochBytes),
            MaxReadyLag = read.Duration(nameof(SpeedOptions.MaxReadyLag), usual.MaxReadyLag),
            RestartDelay = read.Duration(nameof(SpeedOptions.RestartDelay), usual.RestartDelay),
            TakeBackDelay = read.Duration(nameof(SpeedOptions.TakeBackDelay), usual.TakeBackDelay),
        };
    }

    /// <summary>How the batch layer works.</summary>
    internal static BatchOptions ReadBatch(SettingReader read)
    {
        BatchOptions usual = BatchOptions.Default;
        return new BatchOptions
        {
            RecomputeSchedule = read.Text(nameof(BatchOptions.RecomputeSchedule)) ?? usual.RecomputeSchedule,
            ArchiveSchedule = read.Text(nameof(BatchOptions.ArchiveSchedule)) ?? usual.ArchiveSchedule,
            ExpireSchedule = read.Text(nameof(BatchOptions.ExpireSchedule)) ?? usual.ExpireSchedule,
            CompactSchedule = read.Text(nameof(BatchOptions.CompactSchedule)) ?? usual.CompactSchedule,
            VacuumSchedule = read.Text(nameof(BatchOptions.VacuumSchedule)) ?? usual.VacuumSchedule,
            HistoryFileBytes = read.Number(nameof(BatchOptions.HistoryFileBytes), usual.HistoryFileBytes),
            HistoryRetention = read.Duration(nameof(BatchOptions.HistoryRetention), usual.HistoryRetention),
            CompareRetention = read.Duration(nameof(BatchOptions.CompareRetention), usual.CompareRetention),
            LogRetention = read.OptionalDuration(nameof(BatchOptions.LogRetention)),
            Workers = read.SmallNumber(nameof(BatchOptions.Workers), usual.Workers),
            MaxPartialBytes = read.Number(nameof(BatchOptions.MaxPartialBytes), usual.MaxPartialBytes),
            MaxNewEvents = read.Number(nameof(BatchOptions.MaxNewEvents), usual.MaxNewEvents),
            PartEvents = read.Number(nameof(BatchOptions.PartEvents), usual.PartEvents),
            ComparedEvents = read.Number(nameof(BatchOptions.ComparedEvents), usual.ComparedEvents),
            ArchiveRunRecords = read.SmallNumber(nameof(BatchOptions.ArchiveRunRecords), usual.ArchiveRunRecords),
            ArchiveRunBytes = read.Number(nameof(BatchOptions.ArchiveRunBytes), usual.ArchiveRunBytes),
            LeaseDuration = read.Duration(nameof(BatchOptions.LeaseDuration), usual.LeaseDuration),
        };
    }

    // An empty name is that of a variable that a script did not set; the usual folder would be a guess.
    private static string? Named(string? folder) => folder is null || !string.IsNullOrWhiteSpace(folder) ? folder : throw new CommandException(
        "The data folder has no name. Name one with --data, or leave the option out for the usual one.", ExitCodes.WrongUsage);

    private static string DefaultFolder(string application)
    {
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length > 0 ? Path.Combine(local, "lambda", application) : throw new CommandException(
            "This user has no folder for application data (is HOME set?). Say where to keep the data with --data.", ExitCodes.WrongUsage);
    }

    private static Uri ServerOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Query.Length == 0
            ? new Uri(uri.AbsoluteUri.TrimEnd('/') + "/")
            : throw new CommandException($"'{text}' is no server's address. Give --server one such as {ServerAddress.Default}.", ExitCodes.WrongUsage);

    private static void MustBeAtLeast(string name, int value, int least)
    {
        if (value < least)
        {
            throw SettingReader.Wrong(name, value.ToString(CultureInfo.InvariantCulture), $"Give {least} or more.");
        }
    }

    /// <summary>A name that no request can have would be refused without a word, request by request.</summary>
    private static void MustBeHosts(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => name != "*" && Uri.CheckHostName(name) == UriHostNameType.Unknown) is { } wrong)
        {
            throw SettingReader.Wrong(nameof(AllowedHosts), wrong, "Give names of hosts without scheme and port, such as lambda.example.com, or * for any.");
        }

        if (names.FirstOrDefault(name => Uri.CheckHostName(name) == UriHostNameType.IPv6 && name[0] != '[') is { } bare)
        {
            throw SettingReader.Wrong(nameof(AllowedHosts), bare, $"Write an IPv6 address in brackets, as requests do: [{bare}].");
        }
    }

    /// <summary>A layer in a process of its own shares log and store with the other layers' processes, or is alone with them.</summary>
    private static void MustBeShared(HostSettings settings)
    {
        if (settings.Layers != Layers.All && !settings.IsShared)
        {
            string missing = settings.Kafka is null ? settings.Postgres is null ? "Kafka and PostgreSQL" : "Kafka" : "PostgreSQL";
            throw new CommandException(
                $"Layers ({LayerNames.Text(settings.Layers)}) can run in a process of their own only when log and store are in Kafka and PostgreSQL, as those in "
                + $"a data folder belong to one process at a time. Set up {missing}, or leave --layers out to run all of them here.",
                ExitCodes.WrongUsage);
        }
    }
}
