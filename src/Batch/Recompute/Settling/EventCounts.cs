using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Counts the events of partials.</summary>
internal static class EventCounts
{
    /// <summary>How many events some partials have taken.</summary>
    public static long Of(PartialBatch partials)
    {
        long events = 0;
        foreach (long count in partials.EventCounts.Values)
        {
            events += count;
        }

        return events;
    }
}
