using Lambda.Definition;
using Lambda.Log;
using Lambda.Log.Kafka;
using Lambda.Speed;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lambda.Bench.Kafka;

/// <summary>The speed layer as a process runs it, over the topic and a store: from nothing until every record is committed.</summary>
internal static class SpeedRun
{
    public static async Task ComputeAsync(FlightTopic topic, IViewStore store)
    {
        Catalog catalog = Flight.Catalog(FlightTopic.Partitions);
        await RegisterAsync(store, catalog.Streams[0]);
        await using KafkaLog log = KafkaLog.Open(topic.Options, TimeProvider.System);
        ServiceCollection collection = new();
        collection.AddLogging().AddSingleton(catalog).AddSingleton<IEventLog>(_ => log).AddSingleton(_ => store).AddSpeedLayer(SpeedOptions.Default);
        ServiceProvider services = collection.BuildServiceProvider();
        SpeedLayer layer = services.GetServices<IHostedService>().OfType<SpeedLayer>().Single();
        await layer.StartAsync(CancellationToken.None);
        await services.GetRequiredService<CommittedOffsets>().WaitAsync(FlightTopic.Stream, topic.Ends, CancellationToken.None);
        await layer.StopAsync(CancellationToken.None);
    }

    /// <exception cref="InvalidOperationException">The store's windows are not the expected ones.</exception>
    public static async Task RequireAsync(IViewStore store, Dictionary<(DateTime Hour, string Origin), HourlyTotals> expected)
    {
        ViewDefinition view = Flight.Stream(FlightTopic.Partitions).Views[0];
        ViewSnapshot snapshot = await store.ReadViewAsync(
            new ViewRead(view.Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Speed), CancellationToken.None);
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), snapshot.Speed);
        IReadOnlyList<WindowRow> windows = composer.Compose(TimeWindow.All);
        if (windows.Count != expected.Count)
        {
            throw new InvalidOperationException($"There are {windows.Count} windows instead of {expected.Count}.");
        }

        foreach (WindowRow window in windows)
        {
            HourlyTotals totals = expected[(DateTime.UnixEpoch.AddMicroseconds(window.Start), (string)window.Key.Parts[0]!)];
            object[] wanted = [totals.Flights, (Int128)totals.Delay, (double)totals.Distance / totals.Flights, totals.MinDelay, totals.MaxDelay];
            if (!window.Results.SequenceEqual(wanted))
            {
                throw new InvalidOperationException(
                    $"{window.Key.Parts[0]} {window.Start}: {string.Join(", ", window.Results)} instead of {string.Join(", ", wanted)}.");
            }
        }
    }

    private static ValueTask RegisterAsync(IViewStore store, StreamDefinition stream) => store.RegisterAsync(
        new StreamRegistration(stream.Name, FlightTopic.Partitions, [.. stream.Views.Select(view => view.Layout)]), CancellationToken.None);
}
