using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Documentation;

/// <summary>The examples of docs/windows.md, word for word.</summary>
public sealed class WindowExamples
{
    [Fact]
    public void All_are_right_declarations()
    {
        StreamBuilder<Ride> rides = new StreamBuilder<Ride>("rides").EventTime(r => r.StartedAt).EventId(r => r.Id).PartitionBy(r => r.City);

        rides.View("rides_by_hour")
            .GroupBy(r => r.City)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new { Rides = a.Count(), Fares = a.Sum(r => r.Fare) });

        rides.View("rides_by_day")
            .GroupBy(r => r.City)
            .Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("rides_by_night")
            .Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("America/New_York"), startsAt: new TimeOnly(4, 0)))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("busiest_hour")
            .GroupBy(r => r.City)
            .Window(Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("five_minutes_of_each_hour")
            .Window(Sliding.Every(slide: TimeSpan.FromHours(1), size: TimeSpan.FromMinutes(5)))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("visits")
            .GroupBy(r => r.City)
            .Window(Session.WithGap(TimeSpan.FromMinutes(30)))
            .AllowedLateness(TimeSpan.FromMinutes(10))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("first_three_steps")
            .GroupBy(r => r.City)
            .Window(Count.Of(3, timeout: TimeSpan.FromHours(1)))
            .Aggregate(a => new { Rides = a.Count() });

        rides.View("rides_ever")
            .GroupBy(r => r.City)
            .Window(AllTime.Window)
            .Aggregate(a => new { Rides = a.Count() });

        IReadOnlyList<ViewDefinition> views = Catalog.Build([rides]).Streams[0].Views;
        Assert.Equal(
            ["tumbling", "calendar", "calendar", "sliding", "sliding", "session", "count", "all-time"], views.Select(view => view.Window.Form));
    }

    /// <summary>A ride in a city.</summary>
    private sealed record Ride(string Id, DateTimeOffset StartedAt, string City, decimal Fare);
}
