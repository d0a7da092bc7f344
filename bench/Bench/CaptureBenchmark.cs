using System.Diagnostics;
using System.Globalization;
using Lambda.Capture;
using Lambda.Log;
using Lambda.Log.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lambda.Bench;

/// <summary>What capturing adds to a request, without a server around it, and how many events a second arrive in a sink.</summary>
internal static class CaptureBenchmark
{
    private const string Stream = "page_views";
    private const int RequestsPerRound = 200_000;

    public static async Task RunAsync(int rounds, int sustainedSeconds)
    {
        await CompareAsync(rounds).ConfigureAwait(false);
        await SustainAsync("into a sink in memory", sustainedSeconds, capture => capture.To(_ => new CountingSink())).ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("lambda-bench-capture-").FullName;
        try
        {
            await SustainAsync(
                "into the embedded log",
                sustainedSeconds,
                capture => capture.ToLog(_ => EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System))).ConfigureAwait(false);
            await SustainAsync(
                "to disk, the sink being down",
                sustainedSeconds,
                capture => capture.To(_ => new BrokenSink()).SpillToDisk(Path.Combine(folder, "spill"), maxBytes: 16L << 30)).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Rounds with and without capture in turn.</summary>
    private static async Task CompareAsync(int rounds)
    {
        Application plain = await Application.StartAsync(null).ConfigureAwait(false);
        Application captured = await Application.StartAsync(capture => capture.To(_ => new CountingSink())).ConfigureAwait(false);
        List<double> without = [];
        List<double> with = [];
        List<double> cpu = [];
        for (int round = -1; round < rounds; round++)
        {
            Cost less = await RoundAsync(plain).ConfigureAwait(false);
            Cost more = await RoundAsync(captured).ConfigureAwait(false);
            if (round >= 0)
            {
                without.Add(less.Microseconds);
                with.Add(more.Microseconds);
                cpu.Add(more.CpuMicroseconds - less.CpuMicroseconds);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"capture: {less.Microseconds:F3} µs a request without, {more.Microseconds:F3} µs with; added: {more.Microseconds - less.Microseconds:F3} µs, "
                    + $"{cpu[^1]:F3} µs of CPU by all threads, {more.Bytes - less.Bytes:F0} B"));
            }
        }

        cpu.Sort();

        without.Sort();
        with.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"capture: medians {without[rounds / 2]:F3} and {with[rounds / 2]:F3} µs, {with[rounds / 2] - without[rounds / 2]:F3} µs and {cpu[rounds / 2]:F3} µs of CPU added; dropped: {captured.Dropped}"));
        await plain.DisposeAsync().ConfigureAwait(false);
        await captured.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Times the requests alone; the CPU time is that of the whole process until their events are sent.</summary>
    private static async Task<Cost> RoundAsync(Application application)
    {
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < RequestsPerRound; i++)
        {
            application.Send();
        }

        double microseconds = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        double bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        await application.WaitUntilSentAsync().ConfigureAwait(false);
        double used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds;
        return new Cost(microseconds / RequestsPerRound, used / RequestsPerRound, bytes / RequestsPerRound);
    }

    /// <summary>As many events as the sink takes, from one thread that waits when the buffer is half full, so that none is dropped.</summary>
    private static async Task SustainAsync(string what, int seconds, Action<EventCaptureBuilder<PageView>> sink)
    {
        Application application = await Application.StartAsync(sink).ConfigureAwait(false);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            for (int i = 0; i < 100; i++)
            {
                application.Send();
            }

            await application.WaitForRoomAsync().ConfigureAwait(false);
        }

        await application.WaitUntilSentAsync().ConfigureAwait(false);
        double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds;
        long events = application.Captured;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"capture {what}: {events / elapsed / 1e3:F0} k events/s over {elapsed:F1} s, {used / events:F2} µs of CPU an event, requests included; dropped: {application.Dropped}"));
        await application.DisposeAsync().ConfigureAwait(false);
    }

    private readonly record struct Cost(double Microseconds, double CpuMicroseconds, double Bytes);

    private sealed record PageView(Guid Id, DateTimeOffset Time, string Visitor, string Page, int Status, double Milliseconds);

    /// <summary>A pipeline of an endpoint, with or without a capture before it.</summary>
    private sealed class Application : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly RequestDelegate _pipeline;
        private readonly EventCaptures? _captures;
        private readonly CompletingResponse _response = new();
        private readonly HttpRequestFeature _request = new() { Method = "GET", Path = "/shop/products/mug" };

        private Application(ServiceProvider services, RequestDelegate pipeline, EventCaptures? captures)
        {
            _services = services;
            _pipeline = pipeline;
            _captures = captures;
            _request.Headers["Visitor"] = "01a21fc334517e8d85e9a0a3557b04bb";
        }

        public long Captured => _captures!.Status()[0].Captured;

        public long Dropped => _captures!.Status()[0].Dropped.Values.Sum();

        public static async Task<Application> StartAsync(Action<EventCaptureBuilder<PageView>>? configure)
        {
            ServiceCollection services = new();
            if (configure is not null)
            {
                services.AddEventCapture<PageView>(Stream, capture =>
                {
                    capture.Methods("GET").Paths("/shop").Where(request => request.Status < 400).PartitionBy(view => view.Visitor)
                        .Limits(new EventCaptureLimits { MaxBufferedEvents = 1 << 18 })
                        .Map(request => new PageView(
                            request.Id, request.Time, request.Header("Visitor") ?? "", request.Path.Value ?? "", request.Status, request.Elapsed.TotalMilliseconds));
                    configure(capture);
                });
            }

            ServiceProvider provider = services.BuildServiceProvider();
            ApplicationBuilder app = new(provider);
            EventCaptures? captures = null;
            if (configure is not null)
            {
                app.UseEventCapture();
                captures = provider.GetRequiredService<EventCaptures>();
                await ((IHostedService)captures).StartAsync(CancellationToken.None).ConfigureAwait(false);
            }

            app.Run(static http =>
            {
                http.Response.StatusCode = http.Request.Path.HasValue ? 200 : 404;
                return Task.CompletedTask;
            });
            return new Application(provider, app.Build(), captures);
        }

        public void Send()
        {
            FeatureCollection features = new(4);
            features.Set<IHttpRequestFeature>(_request);
            features.Set<IHttpResponseFeature>(_response);
            _pipeline(new DefaultHttpContext(features)).GetAwaiter().GetResult();
            _response.Complete();
        }

        public async Task WaitForRoomAsync()
        {
            while (_captures!.Pipelines[0].Buffer.IsUnderPressure)
            {
                await Task.Delay(1).ConfigureAwait(false);
            }
        }

        public async Task WaitUntilSentAsync()
        {
            while (_captures?.Status()[0].Buffered > 0)
            {
                await Task.Delay(1).ConfigureAwait(false);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_captures is not null)
            {
                await ((IHostedLifecycleService)_captures).StoppedAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await _services.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Stands in for the server, which calls back when a response is complete.</summary>
    private sealed class CompletingResponse : HttpResponseFeature
    {
        private Func<object, Task>? _callback;
        private object? _state;

        public override void OnCompleted(Func<object, Task> callback, object state)
        {
            _callback = callback;
            _state = state;
        }

        public void Complete()
        {
            _callback?.Invoke(_state!).GetAwaiter().GetResult();
            _callback = null;
        }
    }

    private sealed class CountingSink : ICaptureSink
    {
        private long _bytes;

        public ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken)
        {
            for (int i = 0; i < events.Count; i++)
            {
                _bytes += events.Key(i).Length + events.Value(i).Length;
            }

            return default;
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class BrokenSink : ICaptureSink
    {
        public ValueTask<SinkAnswer> SendAsync(string stream, RecordBatch events, CancellationToken cancellationToken) =>
            throw new EventLogException("It is down.");

        public ValueTask DisposeAsync() => default;
    }
}
