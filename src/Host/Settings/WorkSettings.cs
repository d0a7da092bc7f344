using Lambda.Batch;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Speed;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>
/// The settings that a command goes by when it does its work itself, and goes without when a running server does: that has its own. Schedules are not among them, as no
/// command keeps one, and secrets neither, as they are shown to the server.
/// </summary>
internal static class WorkSettings
{
    /// <summary>Where data are. Matters to commands that only read, too.</summary>
    private static readonly string[] Places = ["History", "Kafka:BootstrapServers"];

    /// <summary>Those that the environment gives and that matter, by name. As it is in effect: a source that the application has added may have another value.</summary>
    public static IReadOnlyDictionary<string, string> Given(IConfiguration configuration, PlatformRole role)
    {
        IConfigurationSection section = configuration.GetSection(SettingsSources.Section);
        HashSet<string> given = new(SettingsSources.EnvironmentNames(), StringComparer.OrdinalIgnoreCase);
        return (role == PlatformRole.Read ? Places : Places.Concat(Names()))
            .Where(name => given.Contains(name) && section[name] is { Length: > 0 })
            .ToDictionary(name => name, name => section[name]!, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The names of those that mean something else than the settings of this process; those that it does not know are passed over.</summary>
    public static IReadOnlyList<string> FindDiffering(IConfiguration configuration, IReadOnlyDictionary<string, string> others)
    {
        IConfigurationSection section = configuration.GetSection(SettingsSources.Section);
        HashSet<string> known = new(Names(), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. others.Where(other => Places.Contains(other.Key, StringComparer.OrdinalIgnoreCase)
                ? section[other.Key]?.Trim() != other.Value.Trim()
                : known.Contains(other.Key) && Differs(section, other.Key, other.Value)).Select(other => other.Key),
        ];
    }

    private static bool Differs(IConfigurationSection section, string name, string value)
    {
        IConfiguration changed = new ConfigurationBuilder().AddConfiguration(section).AddInMemoryCollection([new(name, value)]).Build();
        try
        {
            // By what they mean: an hour is 60 minutes, and what is not set has its usual value.
            return SettingReader.Checked(() => Read(new SettingReader(changed)) != Read(new SettingReader(section)));
        }
        catch (CommandException)
        {
            return true;
        }
    }

    private static IEnumerable<string> Names()
    {
        SettingReader read = new(new ConfigurationManager());
        Read(read);
        return read.Known.Names.Where(name => !name.EndsWith("Schedule", StringComparison.Ordinal));
    }

    private static (SpeedOptions, BatchOptions, int, int) Read(SettingReader read) =>
        (HostSettings.ReadSpeed(read), HostSettings.ReadBatch(read), HostSettings.ReadMaxRecordBytes(read), HostSettings.ReadStoreMemory(read));
}
