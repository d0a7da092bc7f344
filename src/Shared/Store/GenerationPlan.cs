using Lambda.Views;

namespace Lambda.Store;

/// <summary>What a generation is computed from.</summary>
/// <param name="HistoryVersion">The version of the history table that was pinned.</param>
/// <param name="Boundary">The first offsets that it does not cover.</param>
/// <param name="Views">The view versions it holds.</param>
internal sealed record GenerationPlan(long HistoryVersion, Boundary Boundary, IReadOnlyList<PartialLayout> Views)
{
    /// <summary>The current generation, when everything that it holds is carried over; null when the new one begins empty.</summary>
    public GenerationInfo? BasedOn { get; init; }
}

/// <summary>What the batch layer did with the events of a partial.</summary>
internal enum PartialKind
{
    /// <summary>They count.</summary>
    Kept,

    /// <summary>They were removed as repetitions of an event with the same id and time.</summary>
    Duplicate,

    /// <summary>They were removed because a row check refused them.</summary>
    Quarantined,

    /// <summary>
    /// All events as they were read, removed ones included, joined to windows: only of keys that have removed ones, and only where windows are made by
    /// the order of events, so that removing one moves the windows behind it.
    /// </summary>
    AsRead,
}
