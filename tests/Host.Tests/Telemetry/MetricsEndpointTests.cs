using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Telemetry;

/// <summary>What Prometheus reads of a process, for a few known events.</summary>
public sealed class MetricsEndpointTests(RunningPlatform platform) : IClassFixture<RunningPlatform>
{
    [Fact]
    public async Task Figures_agree_with_what_was_taken_in()
    {
        string home = RunningPlatform.PageOf(0);
        string shop = RunningPlatform.PageOf(1);

        // The second is 9 minutes behind the first, which is more than the minute that the stream waits.
        await platform.AppendAsync(
            home, RunningPlatform.Visit("1", home, "10:10:00"), RunningPlatform.Visit("2", home, "10:01:00"), RunningPlatform.Visit("3", home, "10:10:30"));
        await platform.AppendAsync(shop, "not json", """{"id":4,"time":"2026-01-01T10:00:00Z","page":"p"}""", RunningPlatform.Visit("5", shop, "10:00:00"));
        using HttpClient http = new() { BaseAddress = platform.Address };
        await http.GetStringAsync(new Uri("api/views/by_page", UriKind.Relative), TestContext.Current.CancellationToken);

        Exposition metrics = Exposition.Parse(await http.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken));

        string ofStream = $"lambda_stream={platform.Stream}";
        Assert.Equal(4, metrics.Sum("lambda_speed_events_total", ofStream));
        Assert.Equal(1, metrics.Sum("lambda_speed_late_total", ofStream, "lambda_view=by_page"));
        Assert.Equal(1, metrics.Sum("lambda_speed_quarantined_total", ofStream, "lambda_reason=malformed"));
        Assert.Equal(1, metrics.Sum("lambda_speed_quarantined_total", ofStream, "lambda_reason=wrongType"));
        Assert.Equal(2, metrics.Sum("lambda_speed_quarantined_total", ofStream));
        Assert.Equal(2, metrics.Sum("lambda_speed_partitions", ofStream, "lambda_state=running"));
        Assert.Equal(2, metrics.Sum("lambda_speed_rebalances_total", ofStream, "lambda_change=assigned"));
        Assert.Equal(0, metrics.Sum("lambda_speed_lag_events", ofStream));
        Assert.Equal(2, metrics.Of("lambda_speed_lag_events", ofStream).Count());
        Assert.Equal(2, metrics.Of("lambda_speed_watermark_delay_seconds", ofStream).Count());
        Assert.True(metrics.Sum("lambda_speed_watermark_delay_seconds", ofStream, "lambda_partition=0") > 86_400);
        Assert.True(metrics.Sum("lambda_speed_commit_duration_seconds_count", ofStream) >= 2);
        Assert.Equal(("counter", "gauge", "histogram"), (
            metrics.Types["lambda_speed_events_total"], metrics.Types["lambda_speed_lag_time_seconds"], metrics.Types["lambda_speed_commit_duration_seconds"]));
        Assert.Contains(metrics.Samples, sample => sample.Name == "lambda_speed_commit_duration_seconds_bucket" && sample.Labels["le"] == "0.025");
        Assert.True(metrics.Sum("http_server_request_duration_seconds_count", "http_route=/api/views/{view}") >= 1);
        Sample target = Assert.Single(metrics.Samples, sample => sample.Name == "target_info");
        Assert.Equal("visits-app", target.Labels["service_name"]);
        Assert.StartsWith(Environment.MachineName, target.Labels["service_instance_id"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_does_its_job_is_ready_part_by_part()
    {
        using HttpClient http = new() { BaseAddress = platform.Address };
        Assert.Equal("alive", await http.GetStringAsync(new Uri("health/live", UriKind.Relative), TestContext.Current.CancellationToken));

        // The job server and the partitions take a moment to begin.
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        string ready;
        do
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), patience.Token);
            ready = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        while (ready.Contains("notReady", StringComparison.Ordinal));

        foreach (string part in (string[])["store", "log", "speed", "batch"])
        {
            Assert.Contains($$"""{"part":"{{part}}","status":"ready","reason":null,"items":[{"name":"{{platform.Stream}}""", ready, StringComparison.Ordinal);
        }

        Assert.Equal(
            $$"""{"status":"ready","parts":[{"part":"log","status":"ready","reason":null,"items":[{"name":"{{platform.Stream}}","status":"ready","reason":null}]}]}""",
            await http.GetStringAsync(new Uri("health/ready?parts=LOG", UriKind.Relative), TestContext.Current.CancellationToken));
    }
}
