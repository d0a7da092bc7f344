namespace Lambda.Views.Tables;

/// <summary>
/// Counts the late events of a table by its late partials: at each export, by how much those that were touched have grown. Costs nothing per event. Not
/// safe for use by several threads at once.
/// </summary>
internal sealed class LateTally
{
    /// <summary>By slot how many late events were counted.</summary>
    private readonly Dictionary<int, long> _counted = [];

    /// <summary>The late events of all epochs up to the last export.</summary>
    public long Events { get; private set; }

    /// <summary>Takes note of how many events a late partial holds now; none when it has become part of another.</summary>
    public void Observe(int slot, long events)
    {
        Events += events - _counted.GetValueOrDefault(slot);
        _counted[slot] = events;
    }

    /// <summary>Goes on counting in a table whose slots have been removed.</summary>
    public void ForgetSlots() => _counted.Clear();
}
