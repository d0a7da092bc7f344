using System.Globalization;
using Lambda.TestSupport.Oracle;
using Lambda.Time;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

public sealed class CalendarTests
{
    /// <summary>
    /// Days around changes of the clock, as the zone has them.
    /// <code>
    /// Berlin, 31 March 2024       clock  00:00 01:00 03:00 04:00 ... 24:00     23 hours
    /// São Paulo, 4 November 2018  clock        01:00 02:00 ......... 24:00     23 hours, there is no midnight
    /// São Paulo, 17 February 2018 clock  00:00 ... 23:00 23:00 ..... 24:00     25 hours
    /// Havana, 5 November 2023     clock  00:00 00:00 01:00 ......... 24:00     25 hours, midnight comes twice and the day begins with the first
    /// St. John's, 7 November 2010 clock  00:00 00:01|23:01 ... 00:00 . 24:00   25 hours: what the clock shows again of the day before is of this one
    /// Apia, 29 December 2011      clock  00:00 ........... 24:00|31 December   the 30th has no window
    /// </code>
    /// </summary>
    [Theory]
    [InlineData("Europe/Berlin", "2024-03-31T10:00Z", "2024-03-30T23:00Z", 23)]
    [InlineData("Europe/Berlin", "2024-10-27T10:00Z", "2024-10-26T22:00Z", 25)]
    [InlineData("America/Sao_Paulo", "2018-11-04T10:00Z", "2018-11-04T03:00Z", 23)]
    [InlineData("America/Sao_Paulo", "2018-11-04T02:59Z", "2018-11-03T03:00Z", 24)]
    [InlineData("America/Sao_Paulo", "2018-02-18T02:30Z", "2018-02-17T02:00Z", 25)]
    [InlineData("Asia/Beirut", "2024-03-31T10:00Z", "2024-03-30T22:00Z", 23)]
    [InlineData("America/Havana", "2023-11-05T04:30Z", "2023-11-05T04:00Z", 25)]
    [InlineData("America/Havana", "2023-11-05T05:30Z", "2023-11-05T04:00Z", 25)]
    [InlineData("America/Havana", "2024-03-10T10:00Z", "2024-03-10T05:00Z", 23)]
    [InlineData("America/St_Johns", "2010-11-07T02:30Z", "2010-11-07T02:30Z", 25)]
    [InlineData("America/St_Johns", "2010-11-07T03:00Z", "2010-11-07T02:30Z", 25)]
    [InlineData("America/St_Johns", "2010-11-07T02:29Z", "2010-11-06T02:30Z", 24)]
    [InlineData("Pacific/Apia", "2011-12-30T09:59Z", "2011-12-29T10:00Z", 24)]
    [InlineData("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-30T10:00Z", 24)]
    [InlineData("Australia/Lord_Howe", "2024-04-07T10:00Z", "2024-04-06T13:00Z", 24.5)]
    [InlineData("Australia/Lord_Howe", "2024-10-06T10:00Z", "2024-10-05T13:30Z", 23.5)]
    [InlineData("Asia/Kathmandu", "2024-05-05T10:00Z", "2024-05-04T18:15Z", 24)]
    [InlineData("UTC", "1969-12-31T23:59Z", "1969-12-31T00:00Z", 24)]
    public void A_day_is_as_long_as_the_clock_makes_it(string zone, string instant, string start, double hours)
    {
        TimeWindow day = Slices.Of(Tumbling.Daily(Zone(zone))).SliceOf(At(instant));

        Assert.Equal(At(start), day.Start);
        Assert.Equal(hours, (day.End - day.Start) / 3.6e9);
    }

    [Theory]
    [InlineData("2024-03-31T01:59Z", "2024-03-30T03:00Z", "2024-03-31T02:00Z")]
    [InlineData("2024-03-31T02:00Z", "2024-03-31T02:00Z", "2024-04-01T02:00Z")]
    public void A_day_can_start_in_the_small_hours(string instant, string start, string end) => Assert.Equal(
        new TimeWindow(At(start), At(end)), Slices.Of(Tumbling.Daily(Zone("Europe/Berlin"), new TimeOnly(4, 0))).SliceOf(At(instant)));

    [Fact]
    public void Weeks_months_and_years_are_made_of_such_days()
    {
        TimeZoneInfo berlin = Zone("Europe/Berlin");

        Assert.Equal(Window("2024-03-24T23:00Z", "2024-03-31T22:00Z"), Slices.Of(Tumbling.Weekly(berlin)).SliceOf(At("2024-03-31T12:00Z")));
        Assert.Equal(
            Window("2024-03-30T23:00Z", "2024-04-06T22:00Z"), Slices.Of(Tumbling.Weekly(berlin, DayOfWeek.Sunday)).SliceOf(At("2024-03-31T12:00Z")));
        Assert.Equal(Window("2024-02-29T23:00Z", "2024-03-31T22:00Z"), Slices.Of(Tumbling.Monthly(berlin)).SliceOf(At("2024-03-31T12:00Z")));
        Assert.Equal(Window("2023-12-31T23:00Z", "2024-12-31T23:00Z"), Slices.Of(Tumbling.Yearly(berlin)).SliceOf(At("2024-03-31T12:00Z")));
    }

    [Fact]
    public void Every_zone_has_the_windows_that_its_clock_shows_minute_by_minute()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        foreach (TimeZoneInfo zone in TimeZoneInfo.GetSystemTimeZones().OrderBy(_ => random.Next()).Take(150))
        {
            DayOfWeek first = (DayOfWeek)random.Next(7);
            TimeOnly startsAt = new(random.Next(24), random.Next(60));
            (WindowSpec Declared, OracleCalendar Expected) = random.Next(5) switch
            {
                0 => (Tumbling.Weekly(zone, first), OracleCalendar.Weeks(zone, first)),
                1 => (Tumbling.Monthly(zone), OracleCalendar.Months(zone)),
                2 => (Tumbling.Yearly(zone), OracleCalendar.Years(zone)),
                3 => (Tumbling.Daily(zone, startsAt), OracleCalendar.Days(zone, startsAt.ToTimeSpan())),
                _ => (Tumbling.Daily(zone), OracleCalendar.Days(zone)),
            };
            ISlicing slicing = Slices.Of(Declared);
            foreach (long time in Interesting(zone, random).Take(12))
            {
                (long start, long end) = Expected.WindowOf(time);
                TimeWindow window = slicing.SliceOf(time);
                Assert.True(
                    window == new TimeWindow(start, end),
                    $"seed {seed}: {Declared}, instant {Text(time)}: {Text(window.Start)} to {Text(window.End)}, not {Text(start)} to {Text(end)}");
                Assert.Equal(window, slicing.WindowAt(window.Start, 0));
                Assert.Equal(start, slicing.SliceOf(end - 1).Start);
                Assert.Equal(end, slicing.SliceOf(end).Start);
                Assert.Equal(window, slicing.SlicesOf(new TimeWindow(time, time + 1)));
            }
        }
    }

    [Fact]
    public void In_every_zone_days_follow_one_another_without_overlap_or_gap()
    {
        long end = At("2100-01-01T00:00Z");
        foreach (TimeZoneInfo zone in TimeZoneInfo.GetSystemTimeZones())
        {
            ISlicing slicing = Slices.Of(Tumbling.Daily(zone));
            long time = At("1990-01-01T00:00Z");
            while (time < end)
            {
                TimeWindow day = slicing.SliceOf(time);
                Assert.True(day.Start <= time && day.End > time && day.End - day.Start < 50 * 3_600_000_000L, $"{zone.Id}: {Text(time)}");
                Assert.Equal(day.Start, slicing.SliceOf(day.End - 1).Start);
                time = slicing.SliceOf(day.End).Start;
                Assert.True(day.End == time, $"{zone.Id}: after {Text(day.End)} the next day starts at {Text(time)}");
                time += 37 * 86_400_000_000L;
            }
        }
    }

    [Fact]
    public void Nothing_overflows_at_the_ends_of_time()
    {
        foreach (string zone in (string[])["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"])
        {
            foreach (WindowSpec windows in (WindowSpec[])
                [Tumbling.Daily(Zone(zone)), Tumbling.Daily(Zone(zone), new TimeOnly(23, 59)), Tumbling.Weekly(Zone(zone)), Tumbling.Monthly(Zone(zone)), Tumbling.Yearly(Zone(zone))])
            {
                ISlicing slicing = Slices.Of(windows);
                foreach (long time in (long[])[UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue])
                {
                    TimeWindow window = slicing.SliceOf(time);
                    Assert.InRange(time, window.Start, window.End - 1);
                    Assert.Equal(window, slicing.WindowAt(window.Start, 0));
                }

                Assert.Equal(TimeWindow.All, slicing.SlicesOf(TimeWindow.All));
            }
        }
    }

    [Fact]
    public void Threads_share_what_they_found()
    {
        ISlicing slicing = Slices.Of(Tumbling.Daily(Zone("Europe/Berlin")));
        ISlicing alone = Slices.Of(Tumbling.Daily(Zone("Europe/Berlin")));
        long[] times = [.. Enumerable.Range(0, 4000).Select(i => At("1990-01-01T12:00Z") + (i * 86_400_000_000L))];
        long[] expected = new long[times.Length];
        alone.AssignSlices(times, expected);

        Parallel.For(0, 8, worker =>
        {
            Random random = new(worker);
            int[] order = [.. Enumerable.Range(0, times.Length)];
            random.Shuffle(order);
            long[] starts = new long[times.Length];
            slicing.AssignSlices([.. order.Select(place => times[place])], starts);
            Assert.Equal(order.Select(place => expected[place]), starts);
        });
    }

    [Fact]
    public void A_definition_names_the_zone_by_its_id()
    {
        Assert.Equal("calendar(unit=day,zone=Europe/Berlin,starts-at=0us)", Tumbling.Daily(Zone("Europe/Berlin")).Signature);
        Assert.Equal("calendar(unit=day,zone=UTC,starts-at=14400000000us)", Tumbling.Daily(TimeZoneInfo.Utc, new TimeOnly(4, 0)).Signature);
        Assert.Equal("calendar(unit=week,first=sunday,zone=UTC,starts-at=0us)", Tumbling.Weekly(TimeZoneInfo.Utc, DayOfWeek.Sunday).Signature);
        Assert.Equal(["P1D", "P7D", "P1M", "P1Y"], new[]
        {
            Tumbling.Daily(TimeZoneInfo.Utc), Tumbling.Weekly(TimeZoneInfo.Utc), Tumbling.Monthly(TimeZoneInfo.Utc), Tumbling.Yearly(TimeZoneInfo.Utc),
        }.Select(windows => windows.Size));
    }

    /// <summary>Instants of 1900 to 2100, many of them where the clock changes or at midnight.</summary>
    private static IEnumerable<long> Interesting(TimeZoneInfo zone, Random random)
    {
        // Before, some clocks were apart from others by seconds, which looking minute by minute does not show.
        DateTimeOffset from = new(1973, 1, 5, 0, 0, 0, TimeSpan.Zero);
        while (true)
        {
            DateTimeOffset instant = from.AddDays(random.Next(365 * 127));
            TimeSpan before = zone.GetUtcOffset(instant);
            for (int day = 0; day < 400 && random.Next(3) > 0 && zone.GetUtcOffset(instant.AddHours(3)) == before; day++)
            {
                instant = instant.AddHours(day % 2 == 0 ? 7 : 11);
            }

            yield return OracleTime.Microseconds(instant.AddMinutes(random.Next(-180, 180))) - random.Next(2);
        }
    }

    private static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    private static TimeWindow Window(string start, string end) => new(At(start), At(end));

    private static long At(string instant) => OracleTime.Microseconds(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture));

    private static string Text(long instant) => DateTimeOffset.UnixEpoch.AddMicroseconds(instant).ToString("O", CultureInfo.InvariantCulture);
}
