using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lambda.Host.Tests.Support;
using Lambda.Host.Tests.Telemetry;
using Xunit;

namespace Lambda.Host.Tests.Infra;

/// <summary>Dashboard and alerts read figures that there are. One that is misspelt shows nothing and never fires, and nobody notices.</summary>
public sealed partial class ObservedFiguresTests(RunningPlatform platform) : IClassFixture<RunningPlatform>
{
    private static readonly JsonNode[] Alerts =
    [
        .. Yaml.Read(Repository.PathOf("infra", "prometheus", "alerts.yml"))["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!),
    ];

    private static readonly string[] Expressions = [.. Dashboard.Targets.Concat(Alerts).Select(query => (string)query["expr"]!)];

    [Theory]
    [InlineData("sum by (le, a) (rate(x_bucket{b=~\"$c\",d!=\"e\"}[5m])) / on (f) group_left () y_total > 0.5", "x_bucket y_total", "b d le a f")]
    [InlineData("up == 0", "up", "")]
    [InlineData("absent(up{job=\"speed\"}) or sum(z) without (q) unless w", "up z w", "job q")]
    public void Names_are_told_apart(string expression, string series, string labels)
    {
        Assert.Equal(series.Split(' '), PromQl.Series(expression));
        Assert.Equal(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), PromQl.Labels(expression).Order());
    }

    [Fact]
    public async Task Every_figure_and_label_that_is_read_is_one_that_a_process_tells()
    {
        Exposition metrics = await ReadMetricsAsync();
        HashSet<string> series = [.. TelemetryGuide.Figures.SelectMany(figure => figure.Series), .. metrics.Samples.Select(sample => sample.Name), "up"];
        HashSet<string> labels = [.. Tag().Matches(Guide()).Select(tag => tag.Groups["name"].Value.Replace('.', '_')), .. metrics.Samples.SelectMany(sample => sample.Labels.Keys), "job", "instance"];

        Assert.All(Expressions, expression =>
        {
            Assert.NotEmpty(PromQl.Series(expression));
            Assert.All(PromQl.Series(expression), name => Assert.Contains(name, series));
            Assert.All(PromQl.Labels(expression), name => Assert.Contains(name, labels));
        });
    }

    [Fact]
    public void Every_figure_that_the_guide_says_to_alert_on_has_an_alert()
    {
        string section = Guide().Split("### What to alert on")[1].Split("\n## ")[0];
        HashSet<string> figures = [.. TelemetryGuide.Figures.SelectMany(figure => figure.Series)];
        string[] named = [.. Code().Matches(section).SelectMany(code => PromQl.Series(code.Groups["code"].Value)).Where(figures.Contains).Distinct()];

        Assert.True(named.Length >= 8);
        Assert.All(named, name => Assert.Contains(Alerts, alert => PromQl.Series((string)alert["expr"]!).Contains(name)));
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_and_what_has_happened_with_labels_that_are_left()
    {
        Assert.Equal(Alerts.Length, Alerts.Select(alert => (string?)alert["alert"]).Distinct().Count());
        Assert.All(Alerts, alert =>
        {
            Assert.Matches("^(page|ticket)$", (string?)alert["labels"]!["severity"]);
            Assert.NotEmpty((string)alert["annotations"]!["summary"]!);
            string expression = (string)alert["expr"]!;
            if (expression.Contains(" by (", StringComparison.Ordinal))
            {
                Assert.All(
                    UsedLabel().Matches(alert["annotations"]!.ToJsonString()).Select(label => label.Groups["name"].Value),
                    label => Assert.Contains(label, PromQl.Labels(expression)));
            }
        });
    }

    [Fact]
    public void Every_panel_has_a_title_a_unit_a_place_of_its_own_and_queries_whose_legends_have_labels_to_show()
    {
        Assert.True(Dashboard.Charts.Count() >= 20);
        Assert.Equal(Dashboard.Panels.Count(), Dashboard.Panels.Select(panel => (int)panel["id"]!).Distinct().Count());
        Assert.Equal(Dashboard.Panels.Count(), Dashboard.Panels.Select(panel => ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)).Distinct().Count());
        Assert.All(Dashboard.Charts, panel =>
        {
            Assert.NotEmpty((string)panel["title"]!);
            Assert.NotEmpty((string)panel["fieldConfig"]!["defaults"]!["unit"]!);
            Assert.NotEmpty(panel["targets"]!.AsArray());
        });
        Assert.All(Dashboard.Targets, target =>
        {
            string expression = (string)target["expr"]!;
            Assert.Equal(Dashboard.SourceUid, (string?)target["datasource"]!["uid"]);
            string[] shown = [.. LegendLabel().Matches((string)target["legendFormat"]!).Select(label => label.Groups["name"].Value)];
            Assert.NotEmpty(shown);
            Assert.All(shown, label => Assert.Contains(label, expression.Contains(" by (", StringComparison.Ordinal) ? PromQl.Labels(expression) : ["job", "instance"]));
        });
    }

    private static string Guide() => File.ReadAllText(Repository.PathOf("docs", "telemetry.md"));

    private async Task<Exposition> ReadMetricsAsync()
    {
        // The figures of requests are there once there was one.
        using HttpClient http = new() { BaseAddress = platform.Address };
        await http.GetStringAsync(new Uri("api/views/by_page", UriKind.Relative), TestContext.Current.CancellationToken);
        return Exposition.Parse(await http.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("`(?<name>lambda\\.[a-z._]+)`")]
    private static partial Regex Tag();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\$labels\.(?<name>\w+)")]
    private static partial Regex UsedLabel();

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}")]
    private static partial Regex LegendLabel();
}
