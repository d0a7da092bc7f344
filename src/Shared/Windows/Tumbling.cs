using System.Xml;

namespace Lambda.Windows;

/// <summary>Windows of one size that neither overlap nor leave gaps.</summary>
public static class Tumbling
{
    /// <summary>Windows of <paramref name="size"/> that start at multiples of it, counted from 1970-01-01T00:00:00Z.</summary>
    /// <remarks>The size is a positive whole number of microseconds; a view refuses any other.</remarks>
    public static WindowSpec Every(TimeSpan size) => Every(size, TimeSpan.Zero);

    /// <summary>Windows of <paramref name="size"/> that start at multiples of it, counted from 1970-01-01T00:00:00Z plus <paramref name="offset"/>.</summary>
    /// <remarks>Size and offset are whole numbers of microseconds, and the size is positive; a view refuses anything else.</remarks>
    public static WindowSpec Every(TimeSpan size, TimeSpan offset) => RefusedWindow.Unless(() =>
    {
        long length = Durations.Positive(size, "A tumbling window cannot be {0} long.", "Tumbling.Every(TimeSpan.FromHours(1))");
        long shift = Durations.Whole(offset, "A tumbling window cannot be offset by {0}.");
        return new SlicedWindows(
            "tumbling", XmlConvert.ToString(size), $"tumbling(size={length}us,offset={shift % length}us)", new SlidingSlicing(length, length, shift));
    });

    /// <summary>
    /// Days of the civil calendar of a time zone, from midnight to midnight on its clocks: 23 or 25 hours long where the clock changes. A day begins
    /// with the first instant at which the clock shows it or anything later, and so lasts until the next one begins.
    /// </summary>
    /// <param name="zone">The zone, such as <c>TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")</c>. Its id is part of the view's definition.</param>
    public static WindowSpec Daily(TimeZoneInfo zone) => Daily(zone, TimeOnly.MinValue);

    /// <summary>Days as <see cref="Daily(TimeZoneInfo)"/> has them that begin at a time of day, such as the business day of a shop that closes at night.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="startsAt">What the clock shows when a day begins.</param>
    /// <remarks>The time of day is a whole number of microseconds; a view refuses any other.</remarks>
    public static WindowSpec Daily(TimeZoneInfo zone, TimeOnly startsAt) => RefusedWindow.Unless(() => startsAt.Ticks % TimeSpan.TicksPerMicrosecond == 0
        ? Calendar(zone, "day", new CivilDays(1, 0), startsAt)
        : throw new DefinitionException($"A day cannot start at {startsAt:O}. Give a whole number of microseconds, such as new TimeOnly(4, 0)."));

    /// <summary>Weeks of the civil calendar of a time zone, of days as <see cref="Daily(TimeZoneInfo)"/> has them.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="firstDay">The day that a week begins with.</param>
    /// <remarks>A view refuses a day that there is none of.</remarks>
    public static WindowSpec Weekly(TimeZoneInfo zone, DayOfWeek firstDay = DayOfWeek.Monday) => RefusedWindow.Unless(() => Enum.IsDefined(firstDay)
        ? Calendar(zone, $"week,first={firstDay.ToString().ToLowerInvariant()}", new CivilDays(7, ((int)firstDay + 6) % 7), TimeOnly.MinValue)
        : throw new DefinitionException($"A week cannot begin with day {firstDay}. Give a day of the week, such as DayOfWeek.Monday."));

    /// <summary>Months of the civil calendar of a time zone, of days as <see cref="Daily(TimeZoneInfo)"/> has them.</summary>
    /// <param name="zone">The zone.</param>
    public static WindowSpec Monthly(TimeZoneInfo zone) => Calendar(zone, "month", new CivilMonths(1), TimeOnly.MinValue);

    /// <summary>Years of the civil calendar of a time zone, of days as <see cref="Daily(TimeZoneInfo)"/> has them.</summary>
    /// <param name="zone">The zone.</param>
    public static WindowSpec Yearly(TimeZoneInfo zone) => Calendar(zone, "year", new CivilMonths(12), TimeOnly.MinValue);

    private static SlicedWindows Calendar(TimeZoneInfo zone, string unit, CivilPeriod period, TimeOnly startsAt)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return new SlicedWindows(
            "calendar",
            period.Size,
            $"calendar(unit={unit},zone={zone.Id},starts-at={startsAt.Ticks / TimeSpan.TicksPerMicrosecond}us)",
            new CivilSlicing(zone, period, startsAt));
    }
}
