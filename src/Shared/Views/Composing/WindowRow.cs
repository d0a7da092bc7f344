using Lambda.Views.Keys;
using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>The result of a view for one key and window.</summary>
/// <param name="Address">Key, start and first position.</param>
/// <param name="End">Where it ends, exclusive, in UTC microseconds.</param>
/// <param name="EventCount">How many events went into the results; zero when the window has only events that are tallied.</param>
/// <param name="Results">One result per aggregate of the view, in the order of the definition.</param>
/// <param name="Tallies">How many events of each source belong to the window, by the index of the source.</param>
internal sealed record WindowRow(WindowAddress Address, long End, long EventCount, IReadOnlyList<object?> Results, IReadOnlyList<long> Tallies)
{
    /// <summary>
    /// Of a session that was cut as if events counted that are only tallied: the sessions that the events make up which went into the results, in the order of time. Null where
    /// that is the window itself.
    /// </summary>
    public IReadOnlyList<TimeWindow>? Sessions { get; init; }

    /// <summary>The group key.</summary>
    public GroupKey Key => Address.Key;

    /// <summary>Where the window begins, in UTC microseconds.</summary>
    public long Start => Address.Start;

    /// <summary>How many events of a source belong to the window.</summary>
    public long EventsOf(PartialSource source) => Tallies[source.Index];
}
