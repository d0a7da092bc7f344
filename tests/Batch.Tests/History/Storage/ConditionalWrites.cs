using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Tests.History.Storage;

/// <summary>
/// Stands before the tests' S3 server and lets conditional writes through one at a time. The server looks for the object and writes it then, so that of eight
/// that write one name at once several are told to have won; storages that people use decide in one step.
/// </summary>
internal sealed class ConditionalWrites : IAsyncDisposable
{
    private static readonly string[] Hop = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive"];

    private readonly WebApplication _app;
    private readonly Uri _server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly SemaphoreSlim _turn = new(1, 1);

    private ConditionalWrites(WebApplication app, Uri server)
    {
        _app = app;
        _server = server;
    }

    /// <summary>Where to send requests for the server.</summary>
    public Uri Endpoint => new(_app.Urls.Single());

    public static async Task<ConditionalWrites> StartAsync(Uri server)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        WebApplication app = builder.Build();
        ConditionalWrites gate = new(app, server);
        app.Run(gate.ForwardAsync);
        await app.StartAsync();
        return gate;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
        _turn.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        bool isConditional = context.Request.Headers.IfNoneMatch.Count > 0;
        if (isConditional)
        {
            await _turn.WaitAsync(context.RequestAborted);
        }

        try
        {
            await SendAsync(context);
        }
        finally
        {
            if (isConditional)
            {
                _turn.Release();
            }
        }
    }

    private async Task SendAsync(HttpContext context)
    {
        // The path as it was sent: names have characters that would be spelled otherwise.
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Uri uri = new(_server.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), uri) { Content = new StreamContent(context.Request.Body) };
        foreach ((string name, var values) in context.Request.Headers.Where(header => !Hop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers)
            .Where(header => !Hop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        if (response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified) && !HttpMethods.IsHead(context.Request.Method))
        {
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
