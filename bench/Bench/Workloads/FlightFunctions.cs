namespace Lambda.Bench.Workloads;

/// <summary>What a user may write in a view: methods over a member, over the whole event, and such that make a text.</summary>
internal static class FlightFunctions
{
    private const long LongestDelay = 600;

    /// <summary>A delay of ten hours at most.</summary>
    public static long Capped(long delay) => Math.Min(delay, LongestDelay);

    /// <summary>The same of a flight, given as the event that it is.</summary>
    public static long CappedDelay(FlightRow flight) => Capped(flight.Delay);

    /// <summary>Holds for every flight, so that the view has the same windows with it.</summary>
    public static bool HasDistance(long distance) => distance >= 0;

    /// <summary>A text of its own for every event, one for each origin.</summary>
    public static string Region(string origin) => "US-" + origin;
}
