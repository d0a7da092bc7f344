using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Lambda.EndToEnd.Tests.Telemetry;

/// <summary>Takes figures and spans in OpenTelemetry's own protocol, by gRPC or as protobuf over HTTP, and keeps their bytes.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private const string Grpc = "application/grpc";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _received = [];
    private readonly CancellationTokenSource _ended = new();

    private OtlpCollector(HttpProtocols protocols, bool answers)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        _app = builder.Build();
        _app.Run(context => TakeAsync(context, answers));
    }

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.First();

    /// <param name="protocols">HTTP/2 for gRPC, which without TLS allows no other beside it.</param>
    /// <param name="answers">Whether what is sent is answered; else nothing ever is.</param>
    public static async Task<OtlpCollector> StartAsync(HttpProtocols protocols, bool answers = true)
    {
        OtlpCollector collector = new(protocols, answers);
        await collector._app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Waits until a request whose path ends so has had all of these texts in it.</summary>
    public async Task UntilAsync(string path, params IReadOnlyList<string> texts)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!_received.Any(request => request.StartsWith($"{path} ", StringComparison.Ordinal)
            && texts.All(text => request.Contains(text, StringComparison.Ordinal))))
        {
            Assert.False(patience.IsCancellationRequested, $"No request to {path} had {string.Join(", ", texts)}; there were {_received.Count}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _app.DisposeAsync();
        _ended.Dispose();
    }

    private async Task TakeAsync(HttpContext context, bool answers)
    {
        using MemoryStream body = new();
        Stream sent = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await sent.CopyToAsync(body, _ended.Token);

        // Texts stand in protobuf as they are.
        string path = context.Request.Path.Value!.Split('/')[^2..] is [var first, var last] ? $"{first}/{last}" : "";
        _received.Enqueue($"{path} {Encoding.Latin1.GetString(body.GetBuffer(), 0, (int)body.Length)}");
        if (!answers)
        {
            await Task.Delay(Timeout.Infinite, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (context.Request.ContentType?.StartsWith(Grpc, StringComparison.Ordinal) == true)
        {
            // An empty message: not compressed, of length 0.
            context.Response.ContentType = Grpc;
            await context.Response.Body.WriteAsync(new byte[5], _ended.Token);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
