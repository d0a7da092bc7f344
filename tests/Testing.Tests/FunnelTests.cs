using Lambda.Definition;
using Lambda.Windows;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

/// <summary>Windows of three events of an origin within an hour.</summary>
public class FunnelTests
{
    /// <summary>ATL's fourth event opens its second window; LAS's second one comes after the timeout of the first.</summary>
    private static readonly Flight[] Sent =
    [
        At(0, "a", "ATL"), At(5, "b", "LAS"), At(30, "c", "ATL"), At(20, "d", "ATL"), At(40, "e", "ATL"), At(90, "f", "LAS"),
    ];

    [Fact]
    public void Funnels_close_when_they_are_full_or_timed_out_however_often_the_speed_layer_starts_anew()
    {
        StreamTestDriver<Flight> driver = Drive(Sent, _ => { });

        Assert.Equal(["ATL 0: 3", "LAS 5: 1", "ATL 40: 1", "LAS 90: 1"], Lines(driver.Read("funnel").Merged));
        Assert.Equal(
            [WindowStatus.Complete, WindowStatus.Complete, WindowStatus.Open, WindowStatus.Open], driver.Read("funnel").Merged.Select(row => row.Status));
        Assert.Empty(driver.Read("funnel").Late);
        Assert.Equal(Lines(driver.Read("funnel").Speed), Lines(Drive(Sent, disturbed => disturbed.RestartSpeedLayer()).Read("funnel").Speed));
        Assert.Equal(Lines(driver.Read("funnel").Speed), Lines(Drive(Sent, disturbed => disturbed.SealEpochs()).Read("funnel").Speed));
        Assert.Equal(Lines(driver.Read("funnel").Merged), Lines(Drive(Sent, disturbed => disturbed.RunBatch()).Read("funnel").Merged));
    }

    [Fact]
    public void A_repetition_that_the_batch_layer_removes_moves_the_funnels_behind_it()
    {
        StreamTestDriver<Flight> driver = Drive([At(0, "a"), At(0, "a"), At(1, "b"), At(2, "c"), At(3, "d")], _ => { });
        Assert.Equal(["LAS 0: 3", "LAS 2: 2"], Lines(driver.Read("funnel").Merged));

        driver.RunBatch();

        Assert.Equal(["LAS 0: 3", "LAS 3: 1"], Lines(driver.Read("funnel").Merged));
        Assert.All(driver.Read("funnel").Comparison, row => Assert.Null(row.Unexplained));
        Assert.Equal(1, driver.Read("funnel").Comparison.Sum(row => row.Duplicates));
    }

    private static StreamTestDriver<Flight> Drive(IEnumerable<Flight> sent, Action<StreamTestDriver<Flight>> afterEach)
    {
        StreamBuilder<Flight> flights = Stream();
        flights.View("funnel").GroupBy(f => f.Origin).Window(Count.Of(3, timeout: TimeSpan.FromHours(1))).Aggregate(a => new { N = a.Count() });
        StreamTestDriver<Flight> driver = Flights.Drive(flights);
        foreach (Flight flight in sent)
        {
            driver.Send(flight);
            afterEach(driver);
        }

        return driver;
    }

    private static IEnumerable<string> Lines(IEnumerable<WindowResult<NamedValues, NamedValues>> rows) => rows.Select(row => FormattableString.Invariant(
        $"{row.Key.Get<string>("origin")} {(row.Start - Start).TotalMinutes}: {row.Result.Get<long>("n")}"));
}
