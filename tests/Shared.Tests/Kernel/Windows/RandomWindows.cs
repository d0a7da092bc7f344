using Lambda.TestSupport.Oracle;
using Lambda.Windows;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>Windows of random forms and sizes, once as a user declares them and once in the oracle's plain arithmetic.</summary>
internal sealed record RandomWindows(WindowSpec Declared, OracleWindows Expected)
{
    /// <summary>Zones and dates about which their clocks change in ways that are easily got wrong.</summary>
    private static readonly (string Zone, DateTime Date)[] Changes =
    [
        ("Europe/Berlin", new(2024, 3, 30)), ("Europe/Berlin", new(2024, 10, 26)), ("America/Sao_Paulo", new(2018, 11, 3)),
        ("America/Sao_Paulo", new(2018, 2, 17)), ("America/Havana", new(2023, 11, 4)), ("America/St_Johns", new(2010, 11, 6)),
        ("Pacific/Apia", new(2011, 12, 29)), ("Australia/Lord_Howe", new(2024, 4, 6)), ("Asia/Beirut", new(2024, 3, 30)),
    ];

    /// <summary>From microseconds, of which each event has its own, to more than all of the events.</summary>
    private static readonly TimeSpan[] Scales =
        [TimeSpan.FromMicroseconds(1), TimeSpan.FromMilliseconds(700), TimeSpan.FromSeconds(61), TimeSpan.FromHours(2), TimeSpan.FromDays(40)];

    /// <summary>Where events have to lie for the windows to be interesting; null for anywhere.</summary>
    public DateTime? Era { get; init; }

    /// <summary>Sliding windows: sizes that are multiples of the slide and that are not, gaps, and any offset.</summary>
    public static RandomWindows Sliding(Random random)
    {
        TimeSpan slide = Scales[random.Next(Scales.Length)] * random.Next(1, 8);
        TimeSpan size = random.Next(6) switch
        {
            0 => slide,
            1 => slide * random.Next(2, 20),
            2 => slide + TimeSpan.FromMicroseconds(1),
            3 when slide > TimeSpan.FromMicroseconds(1) => slide - TimeSpan.FromMicroseconds(1),
            _ => Whole(slide * (0.01 + (random.NextDouble() * 12))) + TimeSpan.FromMicroseconds(1),
        };
        TimeSpan offset = Whole(slide * ((random.NextDouble() * 6) - 3));
        return new(
            Lambda.Windows.Sliding.Every(slide, size, offset),
            new OracleSliding(Microseconds(size), Microseconds(slide), Microseconds(offset)));
    }

    /// <summary>Days, weeks and months of a zone about a change of its clock.</summary>
    public static RandomWindows Calendar(Random random)
    {
        (string id, DateTime date) = Changes[random.Next(Changes.Length)];
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(id);
        DayOfWeek first = (DayOfWeek)random.Next(7);
        TimeOnly startsAt = new(random.Next(24), 0);
        (WindowSpec declared, OracleWindows expected) = random.Next(4) switch
        {
            0 => (Tumbling.Weekly(zone, first), OracleCalendar.Weeks(zone, first)),
            1 => (Tumbling.Monthly(zone), OracleCalendar.Months(zone)),
            2 => (Tumbling.Daily(zone, startsAt), OracleCalendar.Days(zone, startsAt.ToTimeSpan())),
            _ => (Tumbling.Daily(zone), OracleCalendar.Days(zone)),
        };
        return new(declared, expected) { Era = date };
    }

    /// <summary>The one window of all time.</summary>
    public static RandomWindows AllTime(Random _) => new(
        Lambda.Windows.AllTime.Window, new OracleAllTime(OracleTime.Microseconds(DateTimeOffset.MinValue), OracleTime.Microseconds(DateTimeOffset.MaxValue) + 1));

    private static long Microseconds(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    private static TimeSpan Whole(TimeSpan duration) => TimeSpan.FromMicroseconds(Microseconds(duration));
}
