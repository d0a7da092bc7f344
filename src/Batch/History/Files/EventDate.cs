using System.Globalization;
using Lambda.Batch.History.Reading;
using Lambda.Time;

namespace Lambda.Batch.History.Files;

/// <summary>Dates in UTC as values of the partition column: yyyy-MM-dd.</summary>
internal static class EventDate
{
    private const long DayMicroseconds = 86_400_000_000;

    /// <summary>The first microsecond of the day that an instant lies in.</summary>
    public static long StartOfDay(long time) => (time / DayMicroseconds * DayMicroseconds) - (time % DayMicroseconds < 0 ? DayMicroseconds : 0);

    /// <summary>The first microsecond of the day after.</summary>
    public static long EndOfDay(long time) => StartOfDay(time) + DayMicroseconds;

    /// <summary>Whether all instants from <paramref name="start"/> to before <paramref name="end"/>, which is after it, are of one day.</summary>
    public static bool IsWithinOne(long start, long end) => DayOf(start) == DayOf(end - 1);

    /// <summary>The first microsecond of a date.</summary>
    public static long StartOf(DateOnly date) => UtcMicroseconds.FromDateTime(date.ToDateTime(TimeOnly.MinValue));

    /// <summary>The first microsecond of a day by its number; the last instant there is for days behind it.</summary>
    public static long StartOf(long day) => (long)Int128.Clamp((Int128)day * DayMicroseconds, long.MinValue, long.MaxValue);

    /// <summary>Whether a date has an instant in a range.</summary>
    public static bool Overlaps(DateOnly date, EventTimeRange range)
    {
        long start = StartOf(date);
        return start < range.End && start + DayMicroseconds > range.Start;
    }

    /// <summary>The partition value of an instant.</summary>
    public static string Format(long time) => Format(DateOnly.FromDateTime(UtcMicroseconds.ToDateTime(time)));

    /// <summary>The partition value of a date.</summary>
    public static string Format(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The date of a partition value; null when it is not a date.</summary>
    public static DateOnly? TryRead(string? value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) ? date : null;

    /// <summary>The number of the day that an instant lies in; of any instant, those of no date included.</summary>
    public static long DayOf(long time) => (time / DayMicroseconds) - (time % DayMicroseconds < 0 ? 1 : 0);
}
