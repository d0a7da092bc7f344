using System.Globalization;
using Lambda.Tests.Kernel.Definition;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views.Composing;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

public sealed class UsagePeakTests
{
    /// <summary>
    /// The busiest hour is found wherever it lies, as one hour begins with every quarter of one; hours of the clock would cut it in two at midnight.
    /// <code>
    ///           23:15    23:30   23:45    00:00    00:15    00:30   00:45
    /// events      x          x x    x  x    x    x x    x        x
    /// the peak           [ - - - - - - - - - - - - - - - - )
    /// </code>
    /// </summary>
    [Fact]
    public void A_peak_across_midnight_is_in_one_window()
    {
        string[] times = ["23:10", "23:31", "23:40", "23:47", "23:58", "00:01", "00:12", "00:14", "00:20", "00:44"];
        List<Reading> events =
        [
            .. times.Select((time, i) => new Reading(
                $"r{i}",
                DateTimeOffset.Parse($"{(time[0] == '2' ? "2024-02-28" : "2024-02-29")}T{time}:00Z", CultureInfo.InvariantCulture))),
        ];

        long Peak(WindowSpec windows, out TimeSpan start)
        {
            WindowRow peak = Evaluation.Rows(Evaluation.Define(view => view.Window(windows).Aggregate(a => new { Uses = a.Count() })), events, out _)
                .MaxBy(row => row.EventCount)!;
            start = (DateTime.UnixEpoch.AddMicroseconds(peak.Start) - new DateTime(2024, 2, 29)).Duration();
            return peak.EventCount;
        }

        Assert.Equal(8, Peak(Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1)), out TimeSpan beforeMidnight));
        Assert.Equal(TimeSpan.FromMinutes(30), beforeMidnight);
        Assert.Equal(5, Peak(Tumbling.Every(TimeSpan.FromHours(1)), out _));
    }
}
