using System.Text.Json.Nodes;

namespace Lambda.Host.Tests.Infra;

/// <summary>The dashboard that Grafana is given.</summary>
internal static class Dashboard
{
    /// <summary>How panels name the data source.</summary>
    public const string SourceUid = "prometheus";

    public static string File { get; } = Repository.PathOf("infra", "grafana", "dashboards", "lambda.json");

    public static JsonObject Root { get; } = JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();

    /// <summary>Rows and panels.</summary>
    public static IEnumerable<JsonNode> Panels => Root["panels"]!.AsArray().Select(panel => panel!);

    /// <summary>The panels that show something.</summary>
    public static IEnumerable<JsonNode> Charts => Panels.Where(panel => (string?)panel["type"] != "row");

    public static IEnumerable<JsonNode> Targets => Charts.SelectMany(panel => panel["targets"]!.AsArray()).Select(target => target!);
}
