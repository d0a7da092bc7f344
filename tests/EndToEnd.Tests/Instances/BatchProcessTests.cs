using System.Net;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What processes answer that run one layer.</summary>
public class BatchProcessTests
{
    [Fact]
    public async Task A_process_of_the_batch_layer_alone_runs_it_when_asked_and_tells_of_it_and_one_of_the_serving_layer_says_where_the_dashboard_is()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(10));
        await installation.StartSpeedAsync();
        AppProcess batch = await installation.StartBatchAsync();
        using Api api = new(await batch.AddressAsync());

        await api.PublishAsync(Beat.Stream);

        foreach (string path in (string[])["generations", "quality"])
        {
            string answer = await api.Client.GetStringAsync($"/api/{path}?stream={Beat.Stream}", TestContext.Current.CancellationToken);
            Assert.Contains("\"generation\":1", answer, StringComparison.Ordinal);
        }

        using HttpResponseMessage views = await api.Client.GetAsync("/api/views", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, views.StatusCode);

        using Api serving = new(await (await installation.StartServingAsync()).AddressAsync());
        using HttpResponseMessage dashboard = await serving.Client.GetAsync("/hangfire", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, dashboard.StatusCode);
        Assert.Contains(
            "of a process that does (--layers batch)",
            await dashboard.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }
}
