using System.Diagnostics.Metrics;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Telemetry;

/// <summary>The guide lists what there is, and nothing else.</summary>
public sealed class TelemetryGuideTests(RunningPlatform platform) : IClassFixture<RunningPlatform>
{
    [Fact]
    public async Task Every_instrument_is_described_with_its_kind_and_unit_and_nothing_else_is()
    {
        // Layers make their instruments when they first have something to say; that of their health uses all of them.
        using HttpClient http = new() { BaseAddress = platform.Address };
        using HttpResponseMessage ready = await http.GetAsync(new Uri("health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        List<string> instruments = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("Lambda.", StringComparison.Ordinal))
                {
                    instruments.Add($"{instrument.Name} {Kind(instrument)} {instrument.Unit}");
                }
            },
        };
        listener.Start();

        Assert.Equal(
            TelemetryGuide.Figures.Select(figure => $"{figure.Name} {figure.Kind} {figure.Unit}").Order(StringComparer.Ordinal),
            instruments.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_figure_of_the_platform_that_Prometheus_reads_has_the_name_and_the_kind_that_the_guide_says()
    {
        await platform.AppendAsync(RunningPlatform.PageOf(0), RunningPlatform.Visit("1", RunningPlatform.PageOf(0), "10:10:00"));
        using HttpClient http = new() { BaseAddress = platform.Address };
        Exposition metrics = Exposition.Parse(await http.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken));

        Dictionary<string, string> described = TelemetryGuide.Figures.ToDictionary(figure => figure.Prometheus, figure => figure.Kind);
        List<KeyValuePair<string, string>> ours = [.. metrics.Types.Where(type => type.Key.StartsWith("lambda_", StringComparison.Ordinal))];
        Assert.True(ours.Count >= 9);
        Assert.All(ours, type => Assert.Equal(described[type.Key], type.Value));
    }

    [Fact]
    public void Names_at_metrics_follow_from_names_and_units() => Assert.All(
        TelemetryGuide.Figures,
        figure => Assert.Equal(
            figure.Name.Replace('.', '_') + figure.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" } + (figure.Kind == "counter" ? "_total" : ""), figure.Prometheus));

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        "ObservableGauge" => "gauge",
        var other => other,
    };
}
