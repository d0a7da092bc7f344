using Lambda.Capture;
using Lambda.Log;
using Lambda.Serving.Tests.Capture.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Tests.Capture;

/// <summary>The examples of docs/capture.md, word for word.</summary>
public sealed class CaptureExamples
{
    [Fact]
    public async Task An_application_declares_what_it_captures_and_shows_what_became_of_it()
    {
        using Folder folder = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        string spillFolder = folder.Path;

        builder.Services.AddEventCapture<PageView>("page_views", capture => capture
            .Methods("GET")
            .Paths("/shop")
            .Where(request => request.Status < 400)
            .AllowCookies("visitor")
            .Map(request => new PageView(
                request.Id, request.Time, request.Cookie("visitor") ?? "unknown", request.Route ?? request.Path, request.Status,
                request.Elapsed.TotalMilliseconds))
            .PartitionBy(view => view.Visitor)
            .ToPlatform(new Uri("http://127.0.0.1:8080"))
            .SpillToDisk(spillFolder, maxBytes: 1L << 30));

        await using WebApplication app = builder.Build();

        app.UseEventCapture();
        app.MapGet("/shop/products/{sku}", (string sku) => $"All about {sku}.");
        app.MapGet("/captures", (EventCaptures captures) => captures.Status());

        await app.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        await client.GetStringAsync("/shop/products/mug", TestContext.Current.CancellationToken);
        Assert.Contains("page_views", await client.GetStringAsync("/captures", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(app.Services.GetRequiredService<EventCaptures>().Status()).Captured);
    }

    [Fact]
    public async Task Events_are_redacted_enriched_and_sent_to_sinks_of_the_applications_own()
    {
        ServiceCollection services = new();
        services.AddEventCapture<PageView>("page_views", capture => capture
            .Map(request => new PageView(request.Id, request.Time, "unknown", request.Path, request.Status, 0))
            .Enrich((view, http) => view with { Visitor = http.User.FindFirst("sub")?.Value ?? view.Visitor })
            .DenyHeaders("X-Tenant")
            .DenyQuery("voucher")
            .DenyMembers("visitor")
            .AllowHeaders("X-Forwarded-For")
            .Limits(new EventCaptureLimits { MaxBufferedEvents = 10_000, Linger = TimeSpan.FromMilliseconds(50) })
            .To(_ => new ConsoleSink()));
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Single(provider.GetRequiredService<EventCaptures>().Status());
    }

    public sealed record PageView(Guid Id, DateTimeOffset Time, string Visitor, string Page, int Status, double Milliseconds);

    private sealed class ConsoleSink : ICaptureSink
    {
        public ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken)
        {
            System.Console.WriteLine($"{events.Count} events for {stream}");
            return default;
        }

        public ValueTask DisposeAsync() => default;
    }
}
