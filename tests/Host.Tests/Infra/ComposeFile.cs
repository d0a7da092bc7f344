using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lambda.Host.Tests.Infra;

/// <summary><c>infra/compose.yaml</c>, where no variable is set.</summary>
internal static partial class ComposeFile
{
    private static readonly JsonObject Root = Yaml.Read(Repository.PathOf("infra", "compose.yaml"));

    public static IReadOnlyList<ComposeService> Services { get; } =
        [.. Root["services"]!.AsObject().Select(service => new ComposeService(service.Key, service.Value!.AsObject()))];

    public static IReadOnlyList<string> Volumes { get; } = Names("volumes");

    public static IReadOnlyList<string> Networks { get; } = Names("networks");

    /// <summary>The services that run the platform.</summary>
    public static IEnumerable<ComposeService> Platform => Services.Where(service => service.Body.ContainsKey("build"));

    public static ComposeService Service(string name) => Services.Single(service => service.Name == name);

    /// <summary>A path that the file names, which is relative to its folder.</summary>
    public static string PathOf(string relative) => Path.GetFullPath(Repository.PathOf("infra", relative));

    /// <summary>A value with the defaults of its variables.</summary>
    public static string Interpolated(string value) => Variable().Replace(value, variable => variable.Groups["default"].Value);

    private static string[] Names(string section) => [.. Root[section]!.AsObject().Select(entry => entry.Key)];

    [GeneratedRegex(@"\$\{\w+:-(?<default>[^}]*)\}")]
    private static partial Regex Variable();
}

/// <summary>A service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Body">What stands under it, merged.</param>
internal sealed record ComposeService(string Name, JsonObject Body)
{
    public IReadOnlyDictionary<string, string> Environment => Body["environment"]?.AsObject()
        .ToDictionary(variable => variable.Key, variable => ComposeFile.Interpolated((string)variable.Value!)) ?? [];

    public IReadOnlyList<string> Command => Texts("command");

    /// <summary>What is mounted: a volume's name or a file here, and where it is in the container.</summary>
    public IEnumerable<(string Source, string Target)> Mounts => Texts("volumes").Select(volume => volume.Split(':')).Select(parts => (parts[0], parts[1]));

    /// <summary>The entries of a list; none when it is not there.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. Body[name]?.AsArray().Select(entry => (string)entry!) ?? []];
}
