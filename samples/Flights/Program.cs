using Lambda.Hosting;
using Lambda.Windows;

var app = LambdaApplication.CreateBuilder(args);

// A flight becomes known when it leaves, so that events arrive in another order than that of their dates.
var flights = app.Stream<Flight>("flights")
    .EventTime(f => f.Date)
    .EventId(f => f.Id)
    .PartitionBy(f => f.Origin)
    .OutOfOrderness(TimeSpan.FromMinutes(15))
    .Check("plausible delay", f => f.Delay > -180 && f.Delay < 3000)
    .Expect(e => e.RowCount(atLeast: 1))
    .Expect(e => e.Uniqueness(f => f.Id))
    .Expect(e => e.Completeness(f => f.Destination, atLeast: 0.99))
    .Expect(e => e.Range(f => f.Distance, 1, 12_000));

flights.View("delays_by_origin")
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

flights.View("routes_by_day")
    .GroupBy(f => new { f.Origin, f.Destination })
    .Window(Tumbling.Every(TimeSpan.FromDays(1)))
    .Aggregate(a => new { Flights = a.Count(), MeanDelay = a.Average(f => f.Delay) });

// Two weeks of real flights, taken in at the first start.
app.Seed(flights, "data/flights-2001-01.parquet");

return await app.Build().RunAsync();

/// <summary>A flight in the United States in January 2001.</summary>
/// <param name="Id">Its number in the source.</param>
/// <param name="Date">When it was to leave, taken as UTC.</param>
/// <param name="Delay">By how many minutes it was late; negative when early.</param>
/// <param name="Distance">How far it went, in miles.</param>
/// <param name="Origin">The airport it left.</param>
/// <param name="Destination">The airport it went to.</param>
internal sealed record Flight(string Id, DateTime Date, long Delay, long Distance, string Origin, string Destination);
