namespace Lambda.Capture.Sending;

/// <summary>How long to wait after each failure in a row: twice as long each time up to a limit, shortened by up to a half at random.</summary>
internal sealed class RetryDelays(TimeSpan first, TimeSpan most)
{
    private int _failures;

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsFailing => _failures > 0;

    public TimeSpan Next()
    {
        // Doubling stops well before it could overflow.
        double longest = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 40)));
        _failures++;
        return TimeSpan.FromSeconds(longest * (1 - (Random.Shared.NextDouble() / 2)));
    }

    public void Succeeded() => _failures = 0;
}
