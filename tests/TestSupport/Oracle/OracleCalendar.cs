namespace Lambda.TestSupport.Oracle;

/// <summary>
/// Windows of the civil calendar of a zone, found by looking at its clock minute by minute: a window begins at the first minute at which the clock shows
/// its first date or a later one. Zones change their offsets at whole minutes and by whole minutes.
/// </summary>
/// <param name="zone">The zone.</param>
/// <param name="firstOf">The first date of the window that holds a date.</param>
/// <param name="next">The first date of the next window, of the first date of one.</param>
/// <param name="startsAt">What the clock shows when a date begins.</param>
public sealed class OracleCalendar(TimeZoneInfo zone, Func<DateOnly, DateOnly> firstOf, Func<DateOnly, DateOnly> next, TimeSpan startsAt) : OracleFixedWindows
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Found before, as looking takes long.
    private readonly List<(long Start, long End)> _found = [];

    /// <summary>Days that begin at a time.</summary>
    public static OracleCalendar Days(TimeZoneInfo zone, TimeSpan startsAt = default) => new(zone, date => date, date => date.AddDays(1), startsAt);

    /// <summary>Weeks that begin with a day.</summary>
    public static OracleCalendar Weeks(TimeZoneInfo zone, DayOfWeek first) => new(
        zone,
        date =>
        {
            while (date.DayOfWeek != first)
            {
                date = date.AddDays(-1);
            }

            return date;
        },
        date => date.AddDays(7),
        TimeSpan.Zero);

    /// <summary>Months.</summary>
    public static OracleCalendar Months(TimeZoneInfo zone) =>
        new(zone, date => new DateOnly(date.Year, date.Month, 1), date => date.AddMonths(1), TimeSpan.Zero);

    /// <summary>Years.</summary>
    public static OracleCalendar Years(TimeZoneInfo zone) => new(zone, date => new DateOnly(date.Year, 1, 1), date => date.AddYears(1), TimeSpan.Zero);

    /// <summary>The window that an instant lies in.</summary>
    public (long Start, long End) WindowOf(long time)
    {
        if (_found.Exists(window => window.Start <= time && time < window.End))
        {
            return _found.Find(window => window.Start <= time && time < window.End);
        }

        // The latest date that the clock has shown so far; it may have gone back since.
        DateTimeOffset instant = DateTimeOffset.UnixEpoch.AddMicroseconds(time);
        DateTimeOffset minute = instant - TimeSpan.FromTicks(instant.Ticks % Minute.Ticks);
        DateOnly latest = Enumerable.Range(0, 2 * 24 * 60).Max(ago => DateAt(minute - (ago * Minute)));
        DateOnly first = firstOf(latest);
        (long, long) window = (FirstMinuteOf(first), FirstMinuteOf(next(first)));
        _found.Add(window);
        return window;
    }

    /// <inheritdoc/>
    protected override IEnumerable<(long Start, long End)> WindowsOf(long time) => [WindowOf(time)];

    private long FirstMinuteOf(DateOnly date)
    {
        DateTimeOffset minute = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) + startsAt - TimeSpan.FromHours(16);
        minute -= TimeSpan.FromTicks(minute.Ticks % Minute.Ticks);
        while (DateAt(minute) < date)
        {
            minute += Minute;
        }

        return OracleTime.Microseconds(minute);
    }

    private DateOnly DateAt(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime - startsAt);
}
