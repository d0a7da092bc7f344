using Lambda.Time;

namespace Lambda.Windows;

/// <summary>
/// The clock on the wall of a time zone. It can go back, and then shows times twice, or forward, and then leaves times out. Times on it are given in
/// microseconds, counted as if they were UTC.
/// </summary>
internal sealed class CivilClock(TimeZoneInfo zone)
{
    /// <summary>A zone is ahead of or behind UTC by so much at most (see <see cref="TimeZoneInfo.BaseUtcOffset"/>).</summary>
    private const long FarthestOffset = 14 * Hour;
    private const long Hour = 3_600_000_000;

    /// <summary>What the clock shows at an instant.</summary>
    public long Show(long instant) => instant + OffsetAt(instant);

    /// <summary>The first instant at which the clock shows a time or a later one.</summary>
    public long FirstAt(long shown)
    {
        // The clock changes less often than once an hour, so that each hour has one offset or two.
        long from = shown - FarthestOffset - 1;
        while (true)
        {
            long to = from + Hour;
            long before = OffsetAt(from);
            long after = OffsetAt(to);
            long change = before == after ? to : ChangeWithin(from, to, before);
            if (shown - before < change)
            {
                return Math.Max(from, shown - before);
            }

            if (shown - after < to)
            {
                return Math.Max(change, shown - after);
            }

            from = to;
        }
    }

    /// <summary>The first instant that has another offset than that of <paramref name="from"/>.</summary>
    private long ChangeWithin(long from, long to, long before)
    {
        long same = from;
        long other = to;
        while (other - same > 1)
        {
            long middle = same + ((other - same) / 2);
            (same, other) = OffsetAt(middle) == before ? (middle, other) : (same, middle);
        }

        return other;
    }

    /// <summary>Beyond the years 1 to 9999 the clock goes on as it went at their ends.</summary>
    private long OffsetAt(long instant) => UtcMicroseconds.From(
        zone.GetUtcOffset(UtcMicroseconds.ToDateTime(Math.Clamp(instant, UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue))));
}
