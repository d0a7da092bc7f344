namespace Lambda.Store.Embedded;

/// <summary>Wall-clock times as the control tables hold them: UTC microseconds.</summary>
internal static class StoreTime
{
    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static long NowMicroseconds(this TimeProvider time) => ToMicroseconds(time.GetUtcNow());
}
