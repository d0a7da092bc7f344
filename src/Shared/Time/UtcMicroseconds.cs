namespace Lambda.Time;

/// <summary>Instants as the kernel, the files and the stores hold them: microseconds since 1970-01-01T00:00:00Z, in a <see cref="long"/>.</summary>
public static class UtcMicroseconds
{
    /// <summary>The first instant that can be shown as a date: 0001-01-01T00:00:00Z.</summary>
    public static readonly long MinValue = FromDateTime(DateTime.MinValue);

    /// <summary>The last instant that can be shown as a date, 9999-12-31T23:59:59.999999Z.</summary>
    public static readonly long MaxValue = FromDateTime(DateTime.MaxValue);

    /// <summary>Converts an instant; parts of a microsecond are cut towards the past.</summary>
    public static long From(DateTimeOffset instant) => FromDateTime(instant.UtcDateTime);

    /// <summary>Converts a date and time that is taken as UTC unless its kind is local; parts of a microsecond are cut towards the past.</summary>
    public static long FromDateTime(DateTime value)
    {
        DateTime utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        long ticks = utc.Ticks - DateTime.UnixEpoch.Ticks;
        long microseconds = ticks / TimeSpan.TicksPerMicrosecond;
        return ticks % TimeSpan.TicksPerMicrosecond < 0 ? microseconds - 1 : microseconds;
    }

    /// <summary>The first microsecond that is not before <paramref name="instant"/>.</summary>
    public static long AtOrAfter(DateTimeOffset instant)
    {
        long microseconds = From(instant);
        return instant.UtcTicks % TimeSpan.TicksPerMicrosecond == 0 ? microseconds : microseconds + 1;
    }

    /// <summary>A duration in microseconds; parts of one are cut.</summary>
    public static long From(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant as a date and time of kind UTC.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The instant lies outside of <see cref="MinValue"/> to <see cref="MaxValue"/>.</exception>
    public static DateTime ToDateTime(long microseconds)
    {
        if (microseconds < MinValue || microseconds > MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(microseconds), microseconds, "The instant lies outside of the years 1 to 9999.");
        }

        return new DateTime(DateTime.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
    }

    /// <summary>The instant as a <see cref="DateTimeOffset"/> with offset zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The instant lies outside of <see cref="MinValue"/> to <see cref="MaxValue"/>.</exception>
    public static DateTimeOffset ToDateTimeOffset(long microseconds) => new(ToDateTime(microseconds));

    /// <summary>The present instant by <paramref name="time"/>.</summary>
    public static long Now(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return From(time.GetUtcNow());
    }
}
