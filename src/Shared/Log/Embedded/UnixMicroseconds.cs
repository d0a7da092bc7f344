namespace Lambda.Log.Embedded;

/// <summary>Points in time as microseconds since 1970-01-01 UTC.</summary>
internal static class UnixMicroseconds
{
    /// <summary>The microsecond that <paramref name="time"/> lies in.</summary>
    public static long From(DateTimeOffset time) => Math.DivRem(Ticks(time), TimeSpan.TicksPerMicrosecond, out long rest) - (rest < 0 ? 1 : 0);

    /// <summary>The first microsecond that is not before <paramref name="time"/>.</summary>
    public static long AtOrAfter(DateTimeOffset time) =>
        Math.DivRem(Ticks(time), TimeSpan.TicksPerMicrosecond, out long rest) + (rest > 0 ? 1 : 0);

    private static long Ticks(DateTimeOffset time) => time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
}
