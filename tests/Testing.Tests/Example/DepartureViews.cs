using Lambda.Definition;
using Lambda.Windows;

namespace Lambda.Testing.Tests.Example;

public sealed record Departure(string Id, DateTimeOffset Date, string Origin, long Delay);

public sealed record Delays(long Flights, long Total, double? Mean);

public sealed class DepartureViews
{
    public DepartureViews(StreamBuilder<Departure> flights)
    {
        Stream = flights
            .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin)
            .OutOfOrderness(TimeSpan.FromMinutes(15))
            .Check("plausible delay", f => f.Delay > -180 && f.Delay < 3000);
        DelaysByOrigin = flights.View("delays_by_origin")
            .GroupBy(f => f.Origin)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new Delays(a.Count(), a.Sum(f => f.Delay), a.Average(f => f.Delay)));
    }

    public StreamBuilder<Departure> Stream { get; }

    public DeclaredView<Departure, string, Delays> DelaysByOrigin { get; }
}
