using System.Text.RegularExpressions;

namespace Lambda.Host.Tests.Telemetry;

/// <summary>The figures that <c>docs/telemetry.md</c> lists.</summary>
internal static partial class TelemetryGuide
{
    public static IReadOnlyList<DescribedFigure> Figures { get; } =
    [
        .. Row().Matches(File.ReadAllText(Repository.PathOf("docs", "telemetry.md"))).Select(row => new DescribedFigure(
            row.Groups["name"].Value, row.Groups["kind"].Value, row.Groups["unit"].Value, row.Groups["prometheus"].Value)),
    ];

    [GeneratedRegex(@"^\| `(?<name>lambda\.[a-z._]+)` \| (?<kind>\w+) \| `(?<unit>[^`]+)` \| `(?<prometheus>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

/// <summary>A figure as the guide describes it.</summary>
internal sealed record DescribedFigure(string Name, string Kind, string Unit, string Prometheus)
{
    /// <summary>The names that Prometheus stores it under.</summary>
    public IEnumerable<string> Series => Kind == "histogram"
        ? [$"{Prometheus}_bucket", $"{Prometheus}_count", $"{Prometheus}_sum"]
        : [Prometheus];
}
