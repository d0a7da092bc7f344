using System.Collections;
using Lambda.Definition;
using Lambda.Health;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Health;
using Lambda.Serving.Security;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lambda.Hosting.Telemetry;

/// <summary>
/// Hands figures and spans to those who watch: <c>/metrics</c> for Prometheus always, OpenTelemetry's own protocol when
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to. The other variables that OpenTelemetry defines for its exporters and samplers work too.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>The variable by which OpenTelemetry is told where a collector listens.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string VariablePrefix = "OTEL_";
    private const string MetricsPath = "/metrics";
    private const string HealthPath = "/health";

    /// <summary>How long the end of a process waits for a collector to take what is left, which may be one that never answers.</summary>
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    /// <summary>Meters of the layers and of what they stand on.</summary>
    private static readonly string[] Meters =
        ["Lambda.*", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    private static readonly string[] Sources = ["Lambda.*", "Npgsql"];

    /// <summary>Adds what <see cref="MapTelemetry"/> maps.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, Application application, PlatformRole role)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<IHealthSource>(provider =>
            new StoreHealth(provider.GetRequiredService<Catalog>(), provider.GetRequiredService<IServingStore>()));
        services.AddSingleton<IHealthSource, LogHealth>();
        services.AddSingleton(provider => (IReadOnlyList<HealthProbe>)[.. provider.GetServices<IHealthSource>()
            .Select(source => new HealthProbe(source, provider.GetRequiredService<TimeProvider>()))]);
        if (role != PlatformRole.Serve)
        {
            return;
        }

        // OpenTelemetry asks the configuration of the host for its variables, and this host reads none by itself.
        builder.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value))
            .Where(variable => variable.Key.StartsWith(VariablePrefix, StringComparison.Ordinal)));
        bool isCollected = !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(EndpointVariable));
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(application.Name, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddPrometheusExporter();
                if (isCollected)
                {
                    metrics.AddOtlpExporter();
                }
            });

        // Spans that nobody takes would cost and come to nothing.
        if (isCollected)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(Sources)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsWork)
                .AddOtlpExporter());
        }
    }

    /// <summary>Maps <c>/health</c>, and <c>/metrics</c> in a process that serves.</summary>
    public static void MapTelemetry(this WebApplication app, PlatformRole role)
    {
        HealthEndpoints.Map(app);
        if (role == PlatformRole.Serve)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath).Require(ApiRoles.Query);
        }
    }

    /// <summary>Sends what is left to a collector, when all layers have ended.</summary>
    public static Task FlushAsync(IServiceProvider services)
    {
        int limit = (int)LongestFlush.TotalMilliseconds;
        return Task.WhenAll(
            Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(limit)), Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(limit)));
    }

    /// <summary>Whether a request is more than a look at this process.</summary>
    private static bool IsWork(HttpContext context) =>
        !context.Request.Path.StartsWithSegments(MetricsPath, StringComparison.OrdinalIgnoreCase)
        && !context.Request.Path.StartsWithSegments(HealthPath, StringComparison.OrdinalIgnoreCase);
}
