using System.Net;
using System.Text.Json;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>A topic gets partitions while the platform runs over it.</summary>
public class GrowthTests
{
    private const int Before = Installation.Partitions;
    private const int After = 11;

    [Fact]
    public async Task Partitions_that_a_topic_gets_are_computed_by_processes_that_run_and_the_batch_layer_goes_on_from_what_it_has()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(6));
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 11);
        using Api api = await installation.ApiAsync();
        await installation.StartSpeedAsync();
        await installation.StartSpeedAsync();
        producer.Send(2000);
        await producer.ConfirmedAsync();
        await api.CaughtUpAsync(Beat.Stream);
        await api.PublishAsync(Beat.Stream);
        string replay = await StartReplayAsync(api);

        // Sensors go to other partitions now, and with them repetitions of what stands in those of before.
        await installation.AddPartitionsAsync(After);
        await producer.SpreadAsync(After);
        producer.Send(2000);
        await producer.ConfirmedAsync();
        JsonElement grown = await api.UntilAsync(
            $"/api/streams/{Beat.Stream}", stream => stream.GetProperty("partitions").GetArrayLength() == After);
        Assert.All(grown.GetProperty("boundary").EnumerateArray().Skip(Before), offset => Assert.Equal(0, offset.GetInt64()));
        await InstancesAudit.SettleAsync(installation, producer, api);
        await PromoteAsync(api, replay);
        await InstancesAudit.SettleAsync(installation, producer, api);

        // A process that begins with all of them.
        AppProcess first = installation.Speed[0];
        Assert.True(installation.TryTake(first));
        await first.StopAsync();
        await installation.StartSpeedAsync();
        producer.Send(500);
        await InstancesAudit.SettleAsync(installation, producer, api);
    }

    private static async Task<string> StartReplayAsync(Api api)
    {
        using HttpResponseMessage begun = await api.Client.PostAsync($"/api/streams/{Beat.Stream}/replays", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        return begun.Headers.Location!.ToString();
    }

    private static async Task PromoteAsync(Api api, string replay)
    {
        await api.UntilAsync(replay, status => status.GetProperty("isComplete").GetBoolean());
        using HttpResponseMessage promoted = await api.Client.PostAsync($"{replay}/promote", null, TestContext.Current.CancellationToken);
        Assert.True(promoted.IsSuccessStatusCode, await promoted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
