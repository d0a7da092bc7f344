using System.Net;
using System.Text.Json;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Store.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Serving.Tests.Running;

/// <summary>The serving layer over the embedded store and log, on a real server.</summary>
internal sealed class ServingApp : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;

    private ServingApp(string folder, WebApplication app, EmbeddedViewStore store, FaultyLog log, Catalog catalog, FakeTimeProvider time)
    {
        _folder = folder;
        _app = app;
        Store = store;
        Log = log;
        Time = time;
        Layers = new Layers(catalog, store, log);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public EmbeddedViewStore Store { get; }

    public FaultyLog Log { get; }

    public FakeTimeProvider Time { get; }

    public Layers Layers { get; }

    public FakeBatchRuns Runs => (FakeBatchRuns)_app.Services.GetRequiredService<IBatchRuns>();

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public static Task<ServingApp> StartAsync(Action<ServingOptions>? configure = null) => StartAsync(Sample.Catalog(), configure);

    public static async Task<ServingApp> StartAsync(Catalog catalog, Action<ServingOptions>? configure = null)
    {
        string folder = Directory.CreateTempSubdirectory("lambda-serving-").FullName;
        FakeTimeProvider time = new(Sample.Start.AddHours(3));
        EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, time, TestContext.Current.CancellationToken);
        FaultyLog log = new(EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, time));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(catalog);
        builder.Services.AddSingleton<IViewStore>(store);
        builder.Services.AddSingleton<IEventLog>(log);
        builder.Services.AddSingleton<IBatchRuns, FakeBatchRuns>();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddServingLayer(configure);
        WebApplication app = builder.Build();
        app.MapServingLayer();
        await app.StartAsync(TestContext.Current.CancellationToken);
        ServingApp running = new(folder, app, store, log, catalog, time);
        await running.Layers.RegisterAsync();
        return running;
    }

    /// <summary>Everything that is mapped.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Gets JSON.</summary>
    public async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        return await ReadAsync(response, expected);
    }

    /// <summary>Posts a body.</summary>
    public async Task<JsonElement> PostAsync(string path, string body, string contentType, HttpStatusCode expected)
    {
        using StringContent content = new(body, System.Text.Encoding.UTF8, contentType);
        using HttpResponseMessage response = await Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return await ReadAsync(response, expected);
    }

    /// <summary>Stops it as a process does that was asked to.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        await Log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} instead of {(int)expected}: {body}");
        if ((int)expected >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return JsonDocument.Parse(body).RootElement;
    }
}
