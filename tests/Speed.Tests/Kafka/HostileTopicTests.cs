using System.Globalization;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.TestSupport.Kafka;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lambda.Speed.Tests.Kafka;

/// <summary>
/// A topic into which a foreign producer writes whatever it likes. LAMBDA_TESTS_HOSTILE_RECORDS says how many records, 200,000 by default.
/// </summary>
public sealed class HostileTopicTests
{
    private const int Partitions = 4;
    private const int Seed = 20;

    [Fact]
    public async Task The_layer_never_stops_and_every_record_is_either_counted_or_in_quarantine_where_it_was()
    {
        if (KafkaBroker.WhyNot is { } reason && Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1")
        {
            Assert.Skip(reason);
        }

        int count = int.Parse(Environment.GetEnvironmentVariable("LAMBDA_TESTS_HOSTILE_RECORDS") ?? "200000", CultureInfo.InvariantCulture);
        await using KafkaBroker broker = await KafkaBroker.StartAsync();
        KafkaOptions options = new() { BootstrapServers = broker.Bootstrap };
        await using KafkaLog log = KafkaLog.Open(options, TimeProvider.System);
        await log.EnsureStreamAsync(Beats.Stream, Partitions, Waiting.Token);
        HostileTopic topic = new(options, Partitions);
        LoggedEvents messages = new();
        string folder = Directory.CreateTempSubdirectory("lambda-hostile-").FullName;
        try
        {
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = folder }, TimeProvider.System, Waiting.Token);
            await ComputeAsync(topic, count, options, log, store, messages);
            await AssertIsWholeAsync(topic, store);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Assert.Equal((0, 0, 0), (messages.Milestones.Count(LoggedEvents.Restarting), messages.Milestones.Count(LoggedEvents.Fenced), messages.Milestones.Count(LoggedEvents.OffsetsLost)));
    }

    /// <summary>Runs the layer as a member of a group while the topic is written, until it has committed everything.</summary>
    private static async Task ComputeAsync(
        HostileTopic topic, int count, KafkaOptions options, KafkaLog log, EmbeddedViewStore store, LoggedEvents messages)
    {
        Catalog catalog = Beats.Catalog(Partitions);
        await store.RegisterAsync(
            new StreamRegistration(Beats.Stream, Partitions, [.. catalog.Streams[0].Views.Select(view => view.Layout)]), Waiting.Token);
        await using KafkaPartitionGroup group = new(options, TimeProvider.System, NullLogger.Instance);
        ServiceCollection services = new();
        services.AddLogging().AddSingleton<ILogger<SpeedLayer>>(messages)
            .AddSingleton(catalog).AddSingleton<IEventLog>(_ => log).AddSingleton<IViewStore>(_ => store).AddSingleton<IPartitionGroup>(_ => group)
            .AddSpeedLayer(SpeedOptions.Default);
        ServiceProvider provider = services.BuildServiceProvider();
        SpeedLayer layer = Assert.Single(provider.GetServices<IHostedService>().OfType<SpeedLayer>());
        await layer.StartAsync(Waiting.Token);
        await Task.Run(() => topic.Write(new HostileRecords(Seed).Create(count)), Waiting.Token);
        await provider.GetRequiredService<CommittedOffsets>().WaitAsync(Beats.Stream, topic.Ends, Waiting.Token);
        await layer.StopAsync(Waiting.Token);
    }

    private static async Task AssertIsWholeAsync(HostileTopic topic, EmbeddedViewStore store)
    {
        QuarantinePage quarantine = await store.ReadQuarantineAsync(Beats.Stream, QuarantineFilter.Any, int.MaxValue, Waiting.Token);
        var there = quarantine.Records.Select(record => (record.Partition, record.Offset, record.Reason, HostileTopic.Hash(record.Value.Span))).ToHashSet();
        Assert.Equal(topic.Refused.Count, quarantine.Records.Count);
        Assert.Equal("", $"{string.Join("; ", topic.Refused.Except(there).Take(5))}{string.Join("; ", there.Except(topic.Refused).Take(5))}");

        ViewDefinition view = Beats.Catalog(Partitions).Streams[0].Views[0];
        ViewSnapshot snapshot = await store.ReadViewAsync(
            new ViewRead(view.Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Speed), Waiting.Token);
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), snapshot.Speed);
        Dictionary<(string Sensor, DateTimeOffset Minute), (long Beats, long Units)> windows = composer.Compose(TimeWindow.All).ToDictionary(
            row => ((string)row.Key.Parts[0]!, UtcMicroseconds.ToDateTimeOffset(row.Start)), row => ((long)row.Results[0]!, (long)(Int128)row.Results[1]!));
        Assert.Equal(topic.Windows.Count, windows.Count);
        Assert.Equal([], topic.Windows.Except(windows).Take(5));

        StreamStatus status = (await store.ReadStreamAsync(Beats.Stream, Waiting.Token))!;
        Assert.Equal((topic.Good, (long)topic.Refused.Count), (status.Partitions.Sum(partition => partition.Accepted), status.Partitions.Sum(partition => partition.Quarantined)));
        Assert.Equal(topic.Ends, status.Partitions.Select(partition => partition.NextOffset));
    }
}
