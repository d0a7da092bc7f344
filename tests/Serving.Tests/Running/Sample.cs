using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Running;

/// <summary>The declarations of the tests.</summary>
internal static class Sample
{
    public const string Stream = "flights";
    public const string View = "delays";
    public const string Pairs = "pairs";

    /// <summary>Sessions of 30 minutes by origin.</summary>
    public const string Rushes = "rushes";

    /// <summary>An hour every 30 minutes by origin.</summary>
    public const string Sliding = "sliding";

    public static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Catalog Catalog()
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Stream)
            .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin).Partitions(1)
            .IdleAfter(TimeSpan.FromSeconds(30))
            .Check("plausible delay", f => f.Delay > -180)
            .Expect(e => e.Anomaly(m => m.Mean(f => f.Delay)))
            .Expect(e => e.Drift(f => f.Distance));
        flights.View(View)
            .GroupBy(f => f.Origin)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new
            {
                Flights = a.Count(),
                TotalDelay = a.Sum(f => f.Delay),
                MeanDistance = a.Average(f => f.Distance),
                TotalFare = a.Sum(f => f.Fare),
                MaxDelay = a.Max(f => f.Delay),
            });

        flights.View(Pairs)
            .GroupBy(f => f.Origin)
            .Window(Count.Of(2, timeout: TimeSpan.FromHours(1)))
            .Aggregate(a => new { Flights = a.Count(), TotalDelay = a.Sum(f => f.Delay) });

        // Key parts of every type, some with names that requests and answers use themselves.
        flights.View("by_everything")
            .GroupBy(f => new { f.From, f.Status, f.Delay, f.Cancelled })
            .Window(Tumbling.Every(TimeSpan.FromDays(1)))
            .Aggregate(a => new { Limit = a.Count(), WindowStart = a.Sum(f => f.Distance) });
        flights.View(Rushes)
            .GroupBy(f => f.Origin)
            .Window(Session.WithGap(TimeSpan.FromMinutes(30)))
            .Aggregate(a => new { Flights = a.Count(), TotalDelay = a.Sum(f => f.Delay) });
        flights.View(Sliding)
            .GroupBy(f => f.Origin)
            .Window(Windows.Sliding.Every(slide: TimeSpan.FromMinutes(30), size: TimeSpan.FromHours(1)))
            .Aggregate(a => new { Flights = a.Count() });
        return Lambda.Definition.Catalog.Build([flights]);
    }

    /// <summary>The same stream with one view of other windows.</summary>
    public static Catalog CatalogOf(WindowSpec windows)
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Stream)
            .EventTime(f => f.Date).EventId(f => f.Id).PartitionBy(f => f.Origin).Partitions(1).IdleAfter(TimeSpan.FromSeconds(30));
        flights.View(View).Window(windows).Aggregate(a => new { Flights = a.Count(), TotalDelay = a.Sum(f => f.Delay) });
        return Lambda.Definition.Catalog.Build([flights]);
    }

    /// <summary>The same stream with one view, by the day of the week and the date.</summary>
    public static Catalog CatalogOfDays()
    {
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Stream).EventTime(f => f.Date).EventId(f => f.Id).Partitions(1);
        flights.View(View)
            .GroupBy(f => new { Weekday = f.Date.DayOfWeek, Day = DateOnly.FromDateTime(f.Date) })
            .Window(Tumbling.Every(TimeSpan.FromDays(1)))
            .Aggregate(a => new { Flights = a.Count() });
        return Lambda.Definition.Catalog.Build([flights]);
    }

    public static ViewDefinition ViewOf(Catalog catalog, string name = View) => catalog.FindView(name)!;

    /// <summary>A flight at a minute of 2001-01-01.</summary>
    public static Flight Flight(
        int id, string? origin, int minute, long delay, double distance = 100, decimal fare = 10.50m, int status = 0) =>
        new(id, Start.UtcDateTime.AddMinutes(minute), origin, delay, distance, fare, false, status, null);
}
