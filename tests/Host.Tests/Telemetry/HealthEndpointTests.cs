using System.Net;
using Lambda.Definition;
using Lambda.Health;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Health;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Host.Tests.Telemetry;

/// <summary>What <c>/health/ready</c> says when parts are well, ill, silent or broken.</summary>
public sealed class HealthEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_worst_part_makes_the_status_and_only_one_that_is_not_ready_makes_it_503()
    {
        Part well = new("well", _ => PartHealth.Ready);
        Part degraded = new("degraded", _ => PartHealth.Of([new ItemHealth("orders", HealthState.Degraded, "An audit blocked.")]));
        Part ill = new("ill", _ => PartHealth.NotReady("It is ill."));
        await using Server server = await Server.StartAsync(TimeProvider.System, well, degraded, ill);

        Assert.Equal((HttpStatusCode.OK, """{"status":"ready","parts":[{"part":"well","status":"ready","reason":null,"items":[]}]}"""), await server.GetAsync("?parts=well"));
        (HttpStatusCode status, string body) = await server.GetAsync("?parts=well,degraded");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("""{"status":"degraded",""", body, StringComparison.Ordinal);
        Assert.Contains("""{"name":"orders","status":"degraded","reason":"An audit blocked."}""", body, StringComparison.Ordinal);
        (status, body) = await server.GetAsync("");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("""{"status":"notReady",""", body, StringComparison.Ordinal);
        Assert.Contains("It is ill.", body, StringComparison.Ordinal);
        (status, body) = await server.GetAsync("?parts=well,other");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("well, degraded, ill", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_hangs_is_told_within_the_limit_and_asked_once_however_many_ask()
    {
        FakeTimeProvider time = new();
        HangingStore store = new();
        StreamBuilder<Visit> orders = new StreamBuilder<Visit>("orders").EventTime(v => v.Time).EventId(v => v.Id);
        orders.View("all").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Orders = a.Count() });
        StoreHealth health = new(Catalog.Build([orders]), store);
        Part well = new("well", _ => PartHealth.Ready);
        await using Server server = await Server.StartAsync(time, health, well);
        Task<(HttpStatusCode Status, string Body)>[] asked = [.. Enumerable.Range(0, 5).Select(_ => server.GetAsync(""))];
        await store.Asked.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        (HttpStatusCode live, string alive) = await server.GetAsync("", "live");
        Assert.Equal((HttpStatusCode.OK, "alive"), (live, alive));

        await InTimeAsync(time, Task.WhenAll(asked));

        foreach (Task<(HttpStatusCode Status, string Body)> answer in asked)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await answer).Status);
            Assert.Contains("""{"part":"store","status":"notReady","reason":"It has not answered for """, (await answer).Body, StringComparison.Ordinal);
            Assert.Contains("""{"part":"well","status":"ready",""", (await answer).Body, StringComparison.Ordinal);
        }

        Assert.Equal(1, store.Questions);
    }

    [Fact]
    public async Task A_part_that_gives_up_when_told_to_is_asked_anew_and_one_that_throws_is_not_ready_with_its_message()
    {
        FakeTimeProvider time = new();
        int asked = 0;
        HealthProbe gives = new(new Part("gives", token => asked++ == 0 ? Forever(token) : PartHealth.Ready), time);

        Assert.Equal(HealthState.NotReady, (await InTimeAsync(time, gives.AskAsync(Cancellation))).State);
        while ((await InTimeAsync(time, gives.AskAsync(Cancellation))).State != HealthState.Ready)
        {
            // The question before is still ending.
        }

        PartHealth broken = await new HealthProbe(new Part("broken", _ => throw new ViewStoreException("No route to the database.")), time).AskAsync(Cancellation);
        Assert.Equal((HealthState.NotReady, "No route to the database."), (broken.State, broken.Reason));
    }

    /// <summary>Lets limits pass until a task has ended. Who waits may begin to do so after any of them.</summary>
    private static async Task<T> InTimeAsync<T>(FakeTimeProvider time, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(HealthProbe.Limit);
            await Task.WhenAny(task, Task.Delay(20, Cancellation));
        }

        // The clock may have ended it on the thread of the question itself, which must go on before anybody asks again.
        await Task.Yield();
        return await task;
    }

    private static PartHealth Forever(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
        return PartHealth.Ready;
    }

    private sealed class Part(string name, Func<CancellationToken, PartHealth> check) : IHealthSource
    {
        string IHealthSource.Part => name;

        public ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(check(cancellationToken));
    }

    private sealed class HangingStore : IStreamStore
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _questions;

        public Task Asked => _asked.Task;

        public int Questions => _questions;

        public ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _questions);
            _asked.TrySetResult();
            return new ValueTask<StreamStatus?>(new TaskCompletionSource<StreamStatus?>().Task);
        }
    }

    private sealed class Server : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpClient _client;

        private Server(WebApplication app)
        {
            _app = app;
            _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        }

        public static async Task<Server> StartAsync(TimeProvider time, params IHealthSource[] sources)
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<IReadOnlyList<HealthProbe>>([.. sources.Select(source => new HealthProbe(source, time))]);
            WebApplication app = builder.Build();
            HealthEndpoints.Map(app);
            await app.StartAsync(Cancellation);
            return new Server(app);
        }

        public async Task<(HttpStatusCode Status, string Body)> GetAsync(string query, string probe = "ready")
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri($"health/{probe}{query}", UriKind.Relative), Cancellation);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }
    }
}
