using System.Globalization;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>Times that are numbers in Avro, as text for DuckDB's casts.</summary>
internal static class AvroTimes
{
    /// <summary>A date by days since 1970.</summary>
    public static string Date(long days) => At(days, TimeSpan.TicksPerDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A time by milliseconds since 1970.</summary>
    public static string Milliseconds(long milliseconds) => Text(At(milliseconds, TimeSpan.TicksPerMillisecond));

    /// <summary>A time by microseconds since 1970.</summary>
    public static string Microseconds(long microseconds) => Text(At(microseconds, TimeSpan.TicksPerMicrosecond));

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static DateTime At(long count, long ticks)
    {
        try
        {
            return DateTime.UnixEpoch.AddTicks(checked(count * ticks));
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            throw new FormatException("a time is not between the years 1 and 9999", error);
        }
    }
}
