namespace Lambda.Bench.Kafka;

/// <summary>The totals of one hour and origin, added up by hand.</summary>
internal sealed class HourlyTotals
{
    public long Flights { get; private set; }

    public long Delay { get; private set; }

    public long Distance { get; private set; }

    public long MinDelay { get; private set; } = long.MaxValue;

    public long MaxDelay { get; private set; } = long.MinValue;

    public void Add(long delay, long distance)
    {
        Flights++;
        Delay += delay;
        Distance += distance;
        MinDelay = Math.Min(MinDelay, delay);
        MaxDelay = Math.Max(MaxDelay, delay);
    }
}
