using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Lambda.Capture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Tests.Capture.Support;

/// <summary>The middleware and a capture of clicks, without a server: requests are function calls.</summary>
internal sealed class CaptureRig : IAsyncDisposable
{
    public const string Stream = "clicks";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;
    private readonly RequestDelegate _pipeline;
    private bool _isStopped;

    private CaptureRig(ServiceProvider services, RequestDelegate pipeline, RecordedLog log)
    {
        _services = services;
        _pipeline = pipeline;
        Log = log;
        Captures = services.GetRequiredService<EventCaptures>();
    }

    public EventCaptures Captures { get; }

    public RecordedLog Log { get; }

    public EventCaptureStatus Status => Assert.Single(Captures.Status());

    /// <summary>What tells the meters of this rig from those of others in the process.</summary>
    public object MeterScope => _services.GetRequiredService<IMeterFactory>();

    /// <summary>Waits as short as it can.</summary>
    public static EventCaptureLimits Quick { get; } = new()
    {
        Linger = TimeSpan.Zero,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Starts a capture whose events are the number of the request as id, and the path as page.</summary>
    public static async Task<CaptureRig> StartAsync(
        TestSink sink,
        EventCaptureLimits? limits = null,
        Action<EventCaptureBuilder<Click>>? configure = null,
        TimeProvider? time = null,
        RequestDelegate? handler = null)
    {
        RecordedLog log = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddEventCapture<Click>(Stream, capture =>
        {
            capture.Map(Map).PartitionBy(click => click.Visitor).To(_ => sink).Limits(limits ?? Quick);
            configure?.Invoke(capture);
        });
        ServiceProvider provider = services.BuildServiceProvider();
        ApplicationBuilder app = new(provider);
        app.UseEventCapture();
        app.Run(handler ?? (_ => Task.CompletedTask));
        CaptureRig rig = new(provider, app.Build(), log);
        await ((IHostedService)rig.Captures).StartAsync(TestContext.Current.CancellationToken);
        return rig;
    }

    /// <summary>The event of a request to <c>/id</c> by the visitor in a header.</summary>
    public static Click Map(CapturedRequest request) => new(
        request.Path.Value![1..], request.Time, request.Header("Visitor") ?? "nobody", request.Path.Value, request.Status, request.Elapsed.TotalMilliseconds);

    public static string IdOf(string json) => JsonDocument.Parse(json).RootElement.GetProperty("id").GetString()!;

    /// <summary>Makes a request, which must be answered at once.</summary>
    public void Send(string path, Action<HttpContext>? prepare = null)
    {
        CompletingResponse response = new();
        FeatureCollection features = new();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = "GET", Path = path });
        features.Set<IHttpResponseFeature>(response);
        DefaultHttpContext http = new(features);
        prepare?.Invoke(http);
        Task handled = _pipeline(http);
        Assert.True(handled.IsCompletedSuccessfully, "A request had to wait.");
        response.Complete();
    }

    /// <summary>Makes requests with the numbers from <paramref name="first"/> on as paths.</summary>
    public void SendNumbers(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            Send($"/{i}");
        }
    }

    /// <summary>Waits until the figures are as they should be.</summary>
    public async Task<EventCaptureStatus> UntilAsync(Predicate<EventCaptureStatus> isThere)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            EventCaptureStatus status = Status;
            if (isThere(status))
            {
                return status;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"It did not come to be: {status}, dropped {string.Join(", ", status.Dropped)}");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await ((IHostedLifecycleService)Captures).StoppedAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }
}
