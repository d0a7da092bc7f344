namespace Lambda.Batch;

/// <summary>How long things are kept.</summary>
internal static class Retention
{
    /// <summary>What is from before this instant has been there for longer than <paramref name="retention"/>; nothing is, where that goes back to before 1970.</summary>
    public static DateTimeOffset Oldest(TimeProvider time, TimeSpan retention)
    {
        DateTimeOffset now = time.GetUtcNow();
        return retention < now - DateTimeOffset.UnixEpoch ? now - retention : DateTimeOffset.UnixEpoch;
    }
}
