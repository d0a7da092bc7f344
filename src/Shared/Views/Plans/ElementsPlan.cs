using Lambda.Events;

namespace Lambda.Views.Plans;

/// <summary>What the views over the elements of one array need of them. Immutable; shared by all operators.</summary>
/// <param name="Flattening">The array.</param>
/// <param name="Projection">The members of event and element that the views read.</param>
/// <param name="Source">Whose it is, in words: the first of the views.</param>
internal sealed record ElementsPlan(Flattening Flattening, Projection Projection, string Source)
{
    /// <summary>The members of the events that the elements are made from.</summary>
    public IEnumerable<EventMember> ReadMembers => Projection.Schema.All
        .Where(member => Projection[member] != ColumnForm.Absent).Select(Flattening.SourceOf).OfType<EventMember>().Append(Flattening.List);
}
