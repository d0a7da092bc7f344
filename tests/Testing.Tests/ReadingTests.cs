using Lambda.Definition;
using Lambda.Windows;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

public class ReadingTests
{
    [Fact]
    public void Keys_and_results_have_the_types_of_the_declaration()
    {
        StreamBuilder<Flight> flights = Stream();
        var view = flights.View("typed")
            .Where(f => f.Delay > 0)
            .GroupBy(f => new { f.Date, f.Carrier, f.Destination, Far = f.Delay > 50 })
            .Window(Hours)
            .AllowedLateness(TimeSpan.FromMinutes(1))
            .Aggregate(a => new { N = a.Count(), Total = a.Sum(f => f.Delay), Mean = a.Average(f => f.Delay), Least = a.Min(f => f.Delay) });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(3, "a", delay: 60, destination: null) with { Carrier = Carrier.Northern });

        var row = Assert.Single(driver.Read(view).Merged);
        Assert.Equal(new { Date = Start.AddMinutes(3), Carrier = Carrier.Northern, Destination = (string?)null, Far = true }, row.Key);
        Assert.Equal(new { N = 1L, Total = 60L, Mean = (double?)60, Least = 60L }, row.Result);
    }

    [Fact]
    public void Keys_of_one_part_are_that_part()
    {
        StreamBuilder<Flight> flights = Stream();
        var byCarrier = flights.View("by_carrier").GroupBy(f => f.Carrier).Window(AllTime.Window).Aggregate(a => new { N = a.Count() });
        var byDate = flights.View("by_date").GroupBy(f => f.Date).Window(AllTime.Window).Aggregate(a => new { N = a.Count() });
        var wrapped = flights.View("wrapped").GroupBy(f => new { f.Destination }).Window(AllTime.Window).Aggregate(a => new { N = a.Count() });
        var none = flights.View("none").Window(AllTime.Window).Aggregate(a => new { N = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(3, "a", destination: null));

        Assert.Equal(Carrier.Other, Assert.Single(driver.Read(byCarrier).Merged).Key);
        Assert.Equal(Start.AddMinutes(3), Assert.Single(driver.Read(byDate).Merged).Key);
        Assert.Null(Assert.Single(driver.Read(wrapped).Merged).Key.Destination);
        Assert.Equal(default(NoKey), Assert.Single(driver.Read(none).Merged).Key);
    }

    [Fact]
    public void Keys_and_results_can_be_records()
    {
        StreamBuilder<Flight> flights = Stream();
        DeclaredView<Flight, Route, Delays> routes = flights.View("routes")
            .GroupBy(f => new Route(f.Origin, f.Destination))
            .Window(Hours)
            .Aggregate(a => new Delays(a.Count(), a.Average(f => f.Delay)));
        var days = flights.View("days").GroupBy(f => new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).Window(Hours)
            .Aggregate(a => new { N = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(3, "a"));

        Assert.Equal((new Route("LAS", "SFO"), new Delays(1, 1)), driver.Read(routes).Merged.Select(row => (row.Key, row.Result)).Single());
        Assert.Equal(("LAS", "SFO"), driver.Read("routes").Merged.Select(row => (row.Key.Get<string>("origin"), row.Key.Get<string>("destination"))).Single());
        Assert.Equal(1, driver.Read("routes").Merged.Single().Result.Get<long>("flights"));
        Assert.Equal(Start, driver.Read(days).Merged.Single().Key);
    }

    [Fact]
    public void Views_can_be_read_by_name()
    {
        StreamBuilder<Flight> flights = Stream();
        flights.View("named").GroupBy(f => new { f.Origin, f.Date }).Window(Hours).Aggregate(a => new { Flights = a.Count(), Mean = a.Average(f => f.Delay) });
        StreamTestDriver<Flight> driver = Drive(flights);
        driver.Send(At(3, "a"));

        WindowResult<NamedValues, NamedValues> row = Assert.Single(driver.Read("named").Merged);

        Assert.Equal(("LAS", Start.AddMinutes(3)), (row.Key.Get<string>("origin"), row.Key.Get<DateTimeOffset>("date")));
        Assert.Equal((1L, 1.0), (row.Result.Get<long>("flights"), row.Result.Get<double?>("Mean")));
        Assert.Equal("View 'named' has no 'delay' here. There is: flights, mean. (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => row.Result.Get<long>("delay")).Message);
        Assert.Contains("View 'named', origin is LAS, a String, and cannot be read as Int64",
            Assert.Throws<InvalidCastException>(() => row.Key.Get<long>("origin")).Message);
        Assert.Contains("There is: named.", Assert.Throws<ArgumentException>(() => driver.Read("other")).Message);
    }

    [Fact]
    public void An_event_of_overlapping_windows_can_be_late_for_some_of_them()
    {
        StreamBuilder<Flight> flights = Stream();
        var view = flights.View("sliding").Window(Sliding.Every(slide: TimeSpan.FromMinutes(30), size: TimeSpan.FromHours(1)))
            .Aggregate(a => new { N = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(70, "a"));
        driver.Send(At(40, "b"));

        Assert.Equal([(0, 1L)], driver.Read(view).Late.Select(row => ((int)(row.Start - Start).TotalMinutes, row.Result.N)));
        Assert.Equal([(30, 2L), (60, 1L)], driver.Read(view).Merged.Select(row => ((int)(row.Start - Start).TotalMinutes, row.Result.N)));
        driver.RunBatch();
        Assert.Equal([(0, 1L), (30, 2L), (60, 1L)], driver.Read(view).Merged.Select(row => ((int)(row.Start - Start).TotalMinutes, row.Result.N)));
        Assert.All(driver.Read(view).Comparison, row => Assert.Null(row.Unexplained));
    }

    private sealed record Route(string Origin, string? Destination);

    private sealed record Delays(long Flights, double? Mean);
}
