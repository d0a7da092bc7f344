using Lambda.Definition;

namespace Lambda.Testing.Tests.Example;

public class DepartureViewTests
{
    private static readonly DateTimeOffset NewYear = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DepartureViews _views = new(new StreamBuilder<Departure>("flights"));

    [Fact]
    public void A_late_departure_corrects_its_hour()
    {
        var driver = StreamTestDriver.For(_views.Stream, startingAt: NewYear.AddDays(1));

        driver.Send(new Departure("a", NewYear.AddMinutes(10), "LAS", Delay: 5));
        driver.Send(new Departure("b", NewYear.AddMinutes(90), "LAS", Delay: 7));     // the watermark is now 01:15, past the first hour and its lateness
        driver.Send(new Departure("c", NewYear.AddMinutes(20), "LAS", Delay: 100));

        var before = driver.Read(_views.DelaysByOrigin);
        Assert.Equal(new Delays(1, 5, 5), before.Merged[0].Result);
        Assert.Equal(WindowStatus.Complete, before.Merged[0].Status);
        Assert.Equal(new Delays(1, 100, 100), Assert.Single(before.Late).Result);

        driver.RunBatch();

        var after = driver.Read(_views.DelaysByOrigin);
        Assert.Equal(new Delays(2, 105, 52.5), after.Merged.Single(row => row.Key == "LAS" && row.Start == NewYear).Result);
        Assert.Equal(WindowStatus.Corrected, after.Merged[0].Status);
        Assert.All(after.Comparison, window => Assert.Null(window.Unexplained));
    }

    [Fact]
    public void Implausible_delays_are_quarantined_by_the_batch_layer()
    {
        var driver = StreamTestDriver.For(_views.Stream, startingAt: NewYear.AddDays(1));

        driver.Send(new Departure("a", NewYear, "LAS", Delay: 99_999));
        driver.SendJson("""{ "id": "b", "date": "New Year's Eve" }""");
        Assert.Single(driver.Read(_views.DelaysByOrigin).Merged);

        driver.RunBatch();

        Assert.Empty(driver.Read(_views.DelaysByOrigin).Merged);
        Assert.Contains(driver.Quarantine, refused => refused.Detail.Contains("plausible delay"));
        Assert.Contains(driver.Quarantine, refused => refused.Detail.Contains("event time"));
    }
}
