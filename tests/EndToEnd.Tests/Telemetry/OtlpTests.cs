using System.Diagnostics;
using Lambda.EndToEnd.Tests.Running;
using Lambda.EndToEnd.Tests.Shop;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lambda.EndToEnd.Tests.Telemetry;

/// <summary>Figures and spans reach a collector, and one that does not answer is no trouble to the platform.</summary>
public sealed class OtlpTests : IDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly string _data = Directory.CreateTempSubdirectory("lambda-otlp-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("grpc", HttpProtocols.Http2, "opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    [InlineData("http/protobuf", HttpProtocols.Http1, "v1/metrics", "v1/traces")]
    public async Task Figures_and_spans_of_all_layers_reach_a_collector(string protocol, HttpProtocols protocols, string metrics, string traces)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(protocols);
        await using AppProcess app = Start(collector, protocol);
        using Api api = new(await app.AddressAsync());
        await ShopAsync(api);
        await api.PublishAsync("shop");

        string[] process = ["service.name", "shop", "service.instance.id"];
        await collector.UntilAsync(metrics, [.. process, "lambda.speed.events", "lambda.speed.commit.duration", "lambda.batch.run.duration", "lambda.stream"]);
        await collector.UntilAsync(traces, [.. process, "commit"]);
        await collector.UntilAsync(traces, [.. process, "recompute shop"]);
        Assert.Equal(0, await app.StopAsync());
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_up_neither_work_nor_stop()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(HttpProtocols.Http2, answers: false);
        await using AppProcess app = Start(collector, "grpc");
        using Api api = new(await app.AddressAsync());
        await ShopAsync(api);
        await collector.UntilAsync("opentelemetry.proto.collector.trace.v1.TraceService/Export");

        long started = Stopwatch.GetTimestamp();
        Assert.Equal(0, await app.StopAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, LongestStop);
    }

    private static async Task ShopAsync(Api api)
    {
        using Shopper shopper = new(api.Client.BaseAddress!);
        await shopper.ShopAsync(new Random(1), things: 20);
        await api.UntilAsync("/shop/capture", captures => captures[0].GetProperty("sent").GetInt64() >= shopper.Events);
        await api.CaughtUpAsync("shop");
    }

    private AppProcess Start(OtlpCollector collector, string protocol) => AppProcess.Start(
        Path.Combine(AppContext.BaseDirectory, "Shop.dll"),
        new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "300",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "300",
        },
        ["--data", _data, "--urls", "http://127.0.0.1:0"]);
}
