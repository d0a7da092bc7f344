using Lambda.Definition;
using Lambda.Windows;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

/// <summary>Sessions of 30 minutes; the watermark follows the newest event.</summary>
public class SessionTests
{
    /// <summary>
    /// When d comes, the session of a, b and c is closed. So e, which touches it, is late, but f joins the session of d; g stands alone, too late.
    /// </summary>
    private static readonly Flight[] Sent =
        [At(0, "a"), At(25, "b"), At(20, "c"), At(100, "d"), At(40, "e"), At(70, "f"), At(8, "g", "ATL")];

    [Fact]
    public void Sessions_are_judged_alike_however_often_the_speed_layer_starts_anew()
    {
        StreamTestDriver<Flight> plain = Drive(_ => { });
        StreamTestDriver<Flight> restarted = Drive(driver => driver.RestartSpeedLayer());
        StreamTestDriver<Flight> cut = Drive(driver => driver.SealEpochs());

        Assert.Equal(["LAS 0-55: 3", "LAS 70-130: 2"], Lines(plain.Read("sessions").Speed));
        Assert.Equal(["ATL 8-38: 1", "LAS 40-70: 1"], Lines(plain.Read("sessions").Late));
        foreach (StreamTestDriver<Flight> disturbed in new[] { restarted, cut })
        {
            Assert.Equal(Lines(plain.Read("sessions").Speed), Lines(disturbed.Read("sessions").Speed));
            Assert.Equal(Lines(plain.Read("sessions").Late), Lines(disturbed.Read("sessions").Late));
        }
    }

    [Fact]
    public void The_batch_layer_joins_what_late_events_connect()
    {
        StreamTestDriver<Flight> driver = Drive(_ => { });

        driver.RunBatch();

        Assert.Equal(["LAS 0-130: 6", "ATL 8-38: 1"], Lines(driver.Read("sessions").Merged));
        Assert.Equal(["LAS 0-130: 6", "ATL 8-38: 1"], Lines(driver.Read("sessions").Batch));
        Assert.Equal([WindowStatus.Open, WindowStatus.Corrected], driver.Read("sessions").Merged.Select(row => row.Status));

        // The layers are compared by the sessions of all events that they have read.
        Assert.Equal([(6L, 1L), (1L, 1L)], driver.Read("sessions").Comparison.Select(row => ((row.Batch?.EventCount ?? 0), row.Late)));
        Assert.All(driver.Read("sessions").Comparison, row => Assert.Null(row.Unexplained));
    }

    private static StreamTestDriver<Flight> Drive(Action<StreamTestDriver<Flight>> afterEach)
    {
        StreamBuilder<Flight> flights = Stream();
        flights.View("sessions").GroupBy(f => f.Origin).Window(Session.WithGap(TimeSpan.FromMinutes(30))).Aggregate(a => new { N = a.Count() });
        StreamTestDriver<Flight> driver = Flights.Drive(flights);
        foreach (Flight flight in Sent)
        {
            driver.Send(flight);
            afterEach(driver);
        }

        return driver;
    }

    private static IEnumerable<string> Lines(IEnumerable<WindowResult<NamedValues, NamedValues>> rows) => rows.Select(row => FormattableString.Invariant(
        $"{row.Key.Get<string>("origin")} {(row.Start - Start).TotalMinutes}-{(row.End - Start).TotalMinutes}: {row.Result.Get<long>("n")}"));
}
