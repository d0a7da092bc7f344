using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Bench;

/// <summary>The flights of the sample, as events.</summary>
public sealed record Flight(string Id, DateTime Date, long Delay, long Distance, string Origin, string Destination)
{
    internal const string StreamName = "flights";

    /// <summary>The stream with the view that the benchmarks compute: one hour, by origin.</summary>
    internal static StreamDefinition Stream(int partitions) => Catalog(partitions).Streams[0];

    /// <summary>The same, as an application.</summary>
    internal static Catalog Catalog(int partitions) => Catalog(partitions, _ => { });

    /// <summary>The same with what <paramref name="more"/> adds.</summary>
    internal static Catalog Catalog(int partitions, Action<StreamBuilder<Flight>> more)
    {
        StreamBuilder<Flight> flights = Declare(new StreamBuilder<Flight>(StreamName), partitions);
        more(flights);
        return Definition.Catalog.Build([flights]);
    }

    /// <summary>Says what the stream is, and its view.</summary>
    internal static StreamBuilder<Flight> Declare(StreamBuilder<Flight> flights, int partitions)
    {
        flights
            .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin)
            .OutOfOrderness(TimeSpan.FromMinutes(15)).Partitions(partitions);
        flights.View("hourly_by_origin")
            .GroupBy(f => f.Origin)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new
            {
                Flights = a.Count(),
                TotalDelay = a.Sum(f => f.Delay),
                MeanDistance = a.Average(f => f.Distance),
                MinDelay = a.Min(f => f.Delay),
                MaxDelay = a.Max(f => f.Delay),
            });
        return flights;
    }

    /// <summary>Adds a view of the flights of an origin between which less than half an hour passes.</summary>
    internal static void AddSessions(StreamBuilder<Flight> flights) => flights.View("sessions_by_origin")
        .GroupBy(f => f.Origin)
        .Window(Session.WithGap(TimeSpan.FromMinutes(30)))
        .Aggregate(a => new { Flights = a.Count(), TotalDelay = a.Sum(f => f.Delay) });
}
