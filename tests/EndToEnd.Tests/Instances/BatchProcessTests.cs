using System.Net;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>What a process answers that runs the batch layer and nothing else.</summary>
public class BatchProcessTests
{
    [Fact]
    public async Task A_process_of_the_batch_layer_alone_runs_it_when_asked_and_answers_nothing_of_the_serving_layer()
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
    }
}
