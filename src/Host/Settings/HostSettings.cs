using System.Globalization;
using Lambda.Batch;
using Lambda.Hosting.Commands;
using Lambda.Speed;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>The settings of all parts, validated.</summary>
internal sealed record HostSettings
{
    /// <summary>The data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the server listens.</summary>
    public required ServerAddress Address { get; init; }

    public required SpeedOptions Speed { get; init; }

    public required BatchOptions Batch { get; init; }

    /// <summary>The largest record, key and value together, in bytes.</summary>
    public required int MaxRecordBytes { get; init; }

    /// <summary>How much memory the view store may use, in megabytes.</summary>
    public required int StoreMemoryMegabytes { get; init; }

    /// <summary>Reads all settings.</summary>
    /// <param name="application">The application.</param>
    /// <param name="dataFolder">The data folder given on the command line; null when there is none.</param>
    /// <param name="address">The address given on the command line; null when there is none.</param>
    /// <exception cref="CommandException">A setting is wrong or unknown.</exception>
    public static HostSettings Read(Application application, string? dataFolder, string? address)
    {
        IConfigurationSection section = application.Configuration.GetSection(SettingsSources.Section);
        SettingReader read = new(section);
        HostSettings settings = SettingReader.Checked(() => new HostSettings
        {
            DataFolder = Named(dataFolder ?? read.Text("Data")) ?? DefaultFolder(application.Name),
            Address = ServerAddress.Parse(address ?? read.Text("Urls") ?? ServerAddress.Default),
            Speed = ReadSpeed(read),
            Batch = ReadBatch(read),
            MaxRecordBytes = read.SmallNumber("MaxRecordBytes", 1 << 20),
            StoreMemoryMegabytes = read.SmallNumber("StoreMemoryMegabytes", 512),
        });
        read.Text("Data");
        read.Text("Urls");
        MustBeAtLeast("MaxRecordBytes", settings.MaxRecordBytes, 1);
        MustBeAtLeast("StoreMemoryMegabytes", settings.StoreMemoryMegabytes, 64);
        RefuseUnknown(section, read.Known);
        return settings;
    }

    private static SpeedOptions ReadSpeed(SettingReader read)
    {
        SpeedOptions usual = SpeedOptions.Default;
        return new SpeedOptions
        {
            CommitInterval = read.Duration(nameof(SpeedOptions.CommitInterval), usual.CommitInterval),
            EpochInterval = read.Duration(nameof(SpeedOptions.EpochInterval), usual.EpochInterval),
            MaxEventsPerCommit = read.SmallNumber(nameof(SpeedOptions.MaxEventsPerCommit), usual.MaxEventsPerCommit),
            MaxEpochBytes = read.Number(nameof(SpeedOptions.MaxEpochBytes), usual.MaxEpochBytes),
            MaxReadyLag = read.Duration(nameof(SpeedOptions.MaxReadyLag), usual.MaxReadyLag),
        };
    }

    private static BatchOptions ReadBatch(SettingReader read)
    {
        BatchOptions usual = BatchOptions.Default;
        return new BatchOptions
        {
            RecomputeSchedule = read.Text(nameof(BatchOptions.RecomputeSchedule)) ?? usual.RecomputeSchedule,
            ArchiveSchedule = read.Text(nameof(BatchOptions.ArchiveSchedule)) ?? usual.ArchiveSchedule,
            ExpireSchedule = read.Text(nameof(BatchOptions.ExpireSchedule)) ?? usual.ExpireSchedule,
            CompareRetention = read.Duration(nameof(BatchOptions.CompareRetention), usual.CompareRetention),
            LogRetention = read.OptionalDuration(nameof(BatchOptions.LogRetention)),
            Workers = read.SmallNumber(nameof(BatchOptions.Workers), usual.Workers),
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

    private static void MustBeAtLeast(string name, int value, int least)
    {
        if (value < least)
        {
            throw SettingReader.Wrong(name, value.ToString(CultureInfo.InvariantCulture), $"Give {least} or more.");
        }
    }

    private static void RefuseUnknown(IConfigurationSection section, IReadOnlyCollection<string> known)
    {
        // Environment variables of that prefix may belong to others; a misspelt name in the file is ours alone.
        HashSet<string> fromEnvironment = new(
            Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(name => name.StartsWith(SettingsSources.Prefix, StringComparison.OrdinalIgnoreCase))
                .Select(name => name[SettingsSources.Prefix.Length..]),
            StringComparer.OrdinalIgnoreCase);
        string? unknown = section.GetChildren().Select(child => child.Key).FirstOrDefault(key => !known.Contains(key) && !fromEnvironment.Contains(key));
        if (unknown is not null)
        {
            throw new CommandException(
                $"There is no setting '{unknown}' (section \"{SettingsSources.Section}\" of appsettings.json). Settings are: "
                + $"{string.Join(", ", known.Order(StringComparer.OrdinalIgnoreCase))}.",
                ExitCodes.WrongUsage);
        }
    }
}
