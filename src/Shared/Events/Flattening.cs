namespace Lambda.Events;

/// <summary>An event with one of the elements of an array in it; never made, but what expressions over elements are written in terms of.</summary>
/// <param name="Event">The event.</param>
/// <param name="Element">The element.</param>
internal sealed record EventElement<TEvent, TElement>(TEvent Event, TElement Element);

/// <summary>
/// Turns events into the elements of one of their arrays: a row per element, with the event's members beside it. Immutable; one per array of a stream.
/// </summary>
internal sealed class Flattening
{
    private readonly Dictionary<EventMember, EventMember> _sources = [];

    /// <param name="schema">The events.</param>
    /// <param name="list">An array of theirs, that lies in no other.</param>
    public Flattening(EventSchema schema, EventMember list)
    {
        List = list;
        Type type = typeof(EventElement<,>).MakeGenericType(schema.EventType, list.Element.ClrType);
        List<EventMember> all = [];
        EventMember parent = EventMember.OfProperty(
            null, type.GetProperty(nameof(EventElement<,>.Event))!, "event", MemberKind.Object, null, isNullable: false, all.Count);
        all.Add(parent);
        foreach (EventMember member in schema.Members)
        {
            Copy(member, parent, all);
        }

        Element = list.Element.CopyAs(type.GetProperty(nameof(EventElement<,>.Element))!, all.Count);
        Add(list.Element, Element, all);
        Schema = EventSchema.Of(type, all);
    }

    /// <summary>The array.</summary>
    public EventMember List { get; }

    /// <summary>The members of <see cref="EventElement{TEvent, TElement}"/>.</summary>
    public EventSchema Schema { get; }

    /// <summary>The element in <see cref="Schema"/>.</summary>
    public EventMember Element { get; }

    /// <summary>The member of the events that a member of the schema is; null for the event as a whole.</summary>
    public EventMember? SourceOf(EventMember member) => _sources.GetValueOrDefault(member);

    private void Copy(EventMember source, EventMember parent, List<EventMember> all) => Add(source, source.CopyTo(parent, all.Count), all);

    private void Add(EventMember source, EventMember copy, List<EventMember> all)
    {
        all.Add(copy);
        _sources.Add(copy, source);
        foreach (EventMember child in source.Children)
        {
            Copy(child, copy, all);
        }
    }
}
