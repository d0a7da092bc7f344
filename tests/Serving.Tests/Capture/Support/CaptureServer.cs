using Lambda.Capture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>A web application of somebody, on a real server, whose requests are captured.</summary>
internal sealed class CaptureServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CaptureServer(WebApplication app, RecordedLog log)
    {
        _app = app;
        Log = log;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public RecordedLog Log { get; }

    public EventCaptureStatus Status => Assert.Single(_app.Services.GetRequiredService<EventCaptures>().Status());

    public static async Task<CaptureServer> StartAsync(
        ICaptureSink sink,
        Action<EventCaptureBuilder<Click>> configure,
        Action<WebApplication> map,
        TimeProvider? time = null,
        Action<IServiceCollection>? addServices = null)
    {
        RecordedLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddEventCapture<Click>(CaptureRig.Stream, capture =>
        {
            capture.Map(Map).To(_ => sink).Limits(CaptureRig.Quick);
            configure(capture);
        });
        addServices?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new CaptureServer(app, log);
    }

    /// <summary>The method as id, the route as page.</summary>
    public static Click Map(CapturedRequest request) => new(
        request.Method, request.Time, request.RouteValue("name") ?? "nobody", request.Route ?? request.Path.Value!, request.Status,
        request.Elapsed.TotalMilliseconds);

    public async Task<HttpResponseMessage> GetAsync(string path) => await Client.GetAsync(path, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }
}
