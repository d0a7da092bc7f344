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
        Assert.True(installation.TryTake(first));
        await first.StopAsync();

        producer.Send(600);
        await producer.ConfirmedAsync();
        long end = committed + 20;
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = installation.Broker.Bootstrap }).Build())
        {
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(Beat.Stream, Partition, end)]);
        }

        // The other partitions go on.
        AppProcess second = await installation.StartSpeedAsync();
        string path = $"/api/streams/{Beat.Stream}";
        JsonElement still = await api.UntilAsync(path, stream => stream.GetProperty("partitions").EnumerateArray().All(partition =>
            partition.GetProperty("partition").GetInt32() == Partition
            || partition.GetProperty("nextOffset").GetInt64() == partition.GetProperty("logEnd").GetInt64()));
        Assert.Equal(committed, NextOffset(still));
        JsonElement lost = Assert.Single(still.GetProperty("lost").EnumerateArray());
        Assert.Equal(
            (Partition, committed, end),
            (lost.GetProperty("partition").GetInt32(), lost.GetProperty("start").GetInt64(), lost.GetProperty("end").GetInt64()));
        string told = Assert.Single(still.GetProperty("problems").EnumerateArray()).GetString()!;
        string command = $"accept-gap {Beat.Stream} --partition {Partition} --offsets {committed}-{end}";
        Assert.EndsWith(command, told, StringComparison.Ordinal);
        await UntilSaidAsync(second, command);

        // As it was told, by a command that has nothing but the settings.
        Assert.Equal(1, await RunAsync(installation, [.. command.Split(' ')]));
        Assert.Single((await api.GetAsync(path)).GetProperty("lost").EnumerateArray());
        Assert.Equal(0, await RunAsync(installation, [.. command.Split(' '), "--yes"]));
        JsonElement gone = await api.CaughtUpAsync(Beat.Stream);
        Assert.Empty(gone.GetProperty("problems").EnumerateArray());
        Assert.Empty(gone.GetProperty("lost").EnumerateArray());
        Assert.Equal(end, Assert.Single(gone.GetProperty("gaps").EnumerateArray()).GetProperty("end").GetInt64());
        JsonElement answer = await api.GetAsync($"/api/views/{Beat.SensorView}");
        Assert.False(answer.GetProperty("completeness").GetProperty("complete").GetBoolean());
    }

    /// <summary>Runs a command whose questions nobody answers.</summary>
    private static async Task<int> RunAsync(Installation installation, string[] arguments)
    {
        await using AppProcess command = AppProcess.Start(typeof(Beat).Assembly.Location, installation.Settings, arguments);
        return await command.EndAsync();
    }

    private static async Task UntilSaidAsync(AppProcess process, string text)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!process.Output.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    private static long NextOffset(JsonElement stream) => stream.GetProperty("partitions")[Partition].GetProperty("nextOffset").GetInt64();
}
