using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Lambda.Serving.Tests.Running;

/// <summary>Server-sent events as they come.</summary>
internal sealed class LiveStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<JsonElement>> _items;

    private LiveStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _items = SseParser.Create(body, (_, data) => JsonElement.Parse(data)).EnumerateAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    public static async Task<LiveStream> OpenAsync(ServingApp app, string path)
    {
        HttpResponseMessage response = await SendAsync(app, path);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new LiveStream(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public static async Task<HttpStatusCode> StatusAsync(ServingApp app, string path)
    {
        using HttpResponseMessage response = await SendAsync(app, path);
        return response.StatusCode;
    }

    /// <summary>Waits for the next event.</summary>
    public async Task<SseItem<JsonElement>> ReadAsync()
    {
        Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "The stream has ended.");
        return _items.Current;
    }

    /// <summary>Whether nothing comes any more.</summary>
    public async Task<bool> IsOverAsync() => !await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _items.DisposeAsync();
    }

    private static Task<HttpResponseMessage> SendAsync(ServingApp app, string path) => app.Client.GetAsync(
        new Uri($"/api/views/{path}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
