using Lambda.Definition;
using static Lambda.Testing.Tests.Flights;

namespace Lambda.Testing.Tests;

public class TimeTests
{
    [Fact]
    public void An_idle_partition_holds_no_window_open()
    {
        StreamBuilder<Flight> flights = Stream(partitions: 2).IdleAfter(TimeSpan.FromMinutes(5)).OutOfOrderness(TimeSpan.FromMinutes(1));
        var all = flights.View("all").Window(Hours).Aggregate(a => new { Flights = a.Count() });
        StreamTestDriver<Flight> driver = Drive(flights);

        driver.Send(At(10, "a"), partition: 0);
        driver.Send(At(80, "b"), partition: 1);
        Assert.Equal(Start.AddMinutes(9).AddMicroseconds(-1), driver.Watermark);
        Assert.Equal([WindowStatus.Open, WindowStatus.Open], driver.Read(all).Merged.Select(row => row.Status));

        driver.AdvanceTime(TimeSpan.FromMinutes(5));
        driver.Send(At(81, "c"), partition: 1);
        Assert.Equal(Start.AddMinutes(9).AddMicroseconds(-1), driver.Watermark);

        driver.AdvanceTime(TimeSpan.FromMicroseconds(1));
        Assert.Equal(Start.AddMinutes(80).AddMicroseconds(-1), driver.Watermark);
        Assert.Equal([WindowStatus.Complete, WindowStatus.Open], driver.Read(all).Merged.Select(row => row.Status));
        Assert.Equal(Start.AddDays(1).AddMinutes(5).AddMicroseconds(1), driver.Now);
    }

    [Fact]
    public void Time_goes_forward_only() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Drive(Stream()).AdvanceTime(TimeSpan.FromTicks(-1)));

    [Fact]
    public void What_is_sent_is_appended_at_the_time_that_the_clock_shows()
    {
        StreamTestDriver<Flight> driver = Drive(Stream());
        driver.AdvanceTime(TimeSpan.FromHours(2));
        driver.SendJson("");
        Assert.Equal(Start.AddDays(1).AddHours(2), Assert.Single(driver.Quarantine).AppendedAt);
    }
}
