using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using Lambda.CrashApp;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>A broker removes records before the speed layer has read them.</summary>
public class GapTests
{
    private const int Partition = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partition_whose_records_were_removed_unread_stands_still_until_a_person_accepts_it()
    {
        Installation.RequireParts();
        await using Installation installation = await Installation.StartAsync(TimeSpan.FromSeconds(6));
        await using BeatProducer producer = new(installation.Broker.Bootstrap, seed: 3);
        using Api api = await installation.ApiAsync();
        AppProcess first = await installation.StartSpeedAsync();
        producer.Send(600);
        await producer.ConfirmedAsync();
        long committed = NextOffset(await api.CaughtUpAsync(Beat.Stream));
        await first.StopAsync();

        producer.Send(600);
        await producer.ConfirmedAsync();
        long end = committed + 20;
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = installation.Broker.Bootstrap }).Build())
        {
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(Beat.Stream, Partition, end)]);
        }

        // The other partitions go on.
        await installation.StartSpeedAsync();
        string path = $"/api/streams/{Beat.Stream}";
        JsonElement still = await api.UntilAsync(path, stream => stream.GetProperty("partitions").EnumerateArray().All(partition =>
            partition.GetProperty("partition").GetInt32() == Partition
            || partition.GetProperty("nextOffset").GetInt64() == partition.GetProperty("logEnd").GetInt64()));
        Assert.Equal(committed, NextOffset(still));
        JsonElement lost = Assert.Single(still.GetProperty("lost").EnumerateArray());
        Assert.Equal(
            (Partition, committed, end),
            (lost.GetProperty("partition").GetInt32(), lost.GetProperty("start").GetInt64(), lost.GetProperty("end").GetInt64()));
        Assert.Contains("accept-gap", Assert.Single(still.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);

        using HttpResponseMessage accepted = await api.Client.PostAsJsonAsync(
            $"{path}/gaps", new { partition = Partition, start = committed, end }, Cancellation);
        accepted.EnsureSuccessStatusCode();
        JsonElement gone = await api.CaughtUpAsync(Beat.Stream);
        Assert.Empty(gone.GetProperty("problems").EnumerateArray());
        Assert.Empty(gone.GetProperty("lost").EnumerateArray());
        Assert.Equal(end, Assert.Single(gone.GetProperty("gaps").EnumerateArray()).GetProperty("end").GetInt64());
        JsonElement answer = await api.GetAsync($"/api/views/{Beat.SensorView}");
        Assert.False(answer.GetProperty("completeness").GetProperty("complete").GetBoolean());
    }

    private static long NextOffset(JsonElement stream) => stream.GetProperty("partitions")[Partition].GetProperty("nextOffset").GetInt64();
}
