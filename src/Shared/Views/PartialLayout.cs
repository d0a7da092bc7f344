using Lambda.Events;

namespace Lambda.Views;

/// <summary>A column of partials: part of the key, or of an aggregate's state.</summary>
/// <param name="Name">The name in lower-case JSON style, unique within the view's keys and states.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsNullable">Whether it may be null.</param>
internal sealed record PartialColumn(string Name, ColumnType Type, bool IsNullable);

/// <summary>How the partials of one version of a view look: what a store needs to know to make tables for them.</summary>
/// <param name="Stream">The stream the view is over.</param>
/// <param name="View">The view's name.</param>
/// <param name="Version">The hash of its definition: 16 lower-case hexadecimal digits. Another definition is another version, with tables of its own.</param>
/// <param name="Keys">The parts of the group key, in the order of the definition; empty when the view has none.</param>
/// <param name="States">The state columns of all aggregates, in the order of the definition.</param>
/// <param name="Addressing">What tells the partials of one key apart.</param>
/// <param name="WindowReach">
/// In microseconds, by how much a window of slices can begin before a slice of it, at most; zero where windows share no partials.
/// </param>
internal sealed record PartialLayout(
    string Stream,
    string View,
    string Version,
    IReadOnlyList<PartialColumn> Keys,
    IReadOnlyList<PartialColumn> States,
    PartialAddressing Addressing = PartialAddressing.Interval,
    long WindowReach = 0)
{
    /// <summary>What a store that speaks SQL needs to show answers; null in layouts that tell nothing of it.</summary>
    public SqlAnswer? Answer { get; init; }

    /// <summary>Whether the position of its first event is part of a partial's address.</summary>
    public bool HasPositions => Addressing == PartialAddressing.Position;

    /// <summary>Whether partials tell which live session they were last part of.</summary>
    public bool HasLiveSessions => Addressing == PartialAddressing.Session;
}

/// <summary>What tells the partials of one key apart.</summary>
internal enum PartialAddressing
{
    /// <summary>Their interval of event time.</summary>
    Interval,

    /// <summary>Their interval of event time, which grows with the events of a session.</summary>
    Session,

    /// <summary>The place in the log of their first event, as windows of a count of events have an order rather than a place in time.</summary>
    Position,
}
