using System.Globalization;
using System.Text.Json;
using Lambda.Hosting.Commands;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>Where settings come from, the last one winning: <c>appsettings.json</c> beside the program and in the current folder, environment.</summary>
internal static class SettingsSources
{
    /// <summary>The section of <c>appsettings.json</c> that is ours.</summary>
    public const string Section = "Lambda";

    /// <summary>What environment variables that are ours begin with.</summary>
    public const string Prefix = "LAMBDA_";

    /// <summary>The section of what is logged, as any ASP.NET Core application has it.</summary>
    public const string Logging = "Logging";

    private const string FileName = "appsettings.json";

    /// <exception cref="CommandException">A file cannot be read, or is not valid JSON.</exception>
    public static ConfigurationManager Read()
    {
        ConfigurationManager configuration = new();
        foreach (string folder in ((string[])[AppContext.BaseDirectory, Environment.CurrentDirectory]).Select(Path.GetFullPath).Distinct())
        {
            AddFile(configuration, Path.Combine(folder, FileName));
        }

        configuration.AddInMemoryCollection(FromEnvironment());
        return configuration;
    }

    /// <summary>The environment variable of a setting.</summary>
    public static string Variable(string name) => Prefix + name.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>The names that environment variables of ours set.</summary>
    public static IEnumerable<string> EnvironmentNames() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        .Select(name => name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal));

    /// <summary>Adds the settings of a file, if it is there.</summary>
    /// <exception cref="CommandException">It cannot be read, or is not valid JSON.</exception>
    internal static void AddFile(ConfigurationManager configuration, string path)
    {
        try
        {
            configuration.AddJsonFile(path, optional: true, reloadOnChange: false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"The settings in '{path}' cannot be read: {Reason(error)} Put the file right or remove it.",
                ExitCodes.WrongUsage,
                error);
        }
    }

    // The innermost error alone says in which line, and counts lines from zero.
    private static string Reason(Exception error) => error.GetBaseException() is JsonException { LineNumber: { } line } json
        ? $"Line {(line + 1).ToString(CultureInfo.InvariantCulture)}: {json.Message.Split(" LineNumber:", 2)[0]}"
        : error.GetBaseException().Message;

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment() => FromEnvironment(Prefix, Section).Concat(FromEnvironment($"{Logging}__", Logging));

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment(string prefix, string section) =>
        new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build().AsEnumerable()
            .Where(setting => setting.Value is not null)
            .Select(setting => KeyValuePair.Create($"{section}:{setting.Key}", setting.Value));
}
