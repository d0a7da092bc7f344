namespace Lambda.Events;

/// <summary>In which form a batch carries a member.</summary>
internal enum ColumnForm
{
    /// <summary>Not at all; a decoder still checks that the member is well-formed.</summary>
    Absent,

    /// <summary>As plain values; strings as a <see cref="TextColumn"/>.</summary>
    Values,

    /// <summary>Strings as a <see cref="DictionaryColumn"/>; all other types as plain values.</summary>
    Dictionary,
}

/// <summary>Which members of a schema a batch carries, and how.</summary>
internal sealed class Projection
{
    private readonly ColumnForm[] _forms;

    private Projection(EventSchema schema, ColumnForm[] forms)
    {
        Schema = schema;
        _forms = forms;
    }

    /// <summary>The schema that is projected.</summary>
    public EventSchema Schema { get; }

    /// <summary>The form of a member.</summary>
    public ColumnForm this[EventMember member] => _forms[member.Ordinal];

    /// <summary>All members, strings as text: what the history keeps.</summary>
    public static Projection Everything(EventSchema schema) =>
        new(schema, [.. schema.All.Select(_ => ColumnForm.Values)]);

    /// <summary>All members, strings by dictionary.</summary>
    public static Projection EverythingByDictionary(EventSchema schema) => Of(schema, schema.All);

    /// <summary>
    /// Only these members, strings by dictionary: what views and checks read. A member brings the objects and arrays that it lies in, but an object or
    /// array not what lies in it.
    /// </summary>
    public static Projection Of(EventSchema schema, IEnumerable<EventMember> members)
    {
        ColumnForm[] forms = new ColumnForm[schema.All.Count];
        foreach (EventMember member in members.SelectMany(member => member.Ancestry))
        {
            forms[member.Ordinal] = ColumnForm.Dictionary;
        }

        return new Projection(schema, forms);
    }

    /// <summary>This projection and one member more, in its own form unless it is there already.</summary>
    public Projection With(EventMember member, ColumnForm form)
    {
        ColumnForm[] forms = [.. _forms];
        foreach (EventMember part in member.Ancestry.Where(part => forms[part.Ordinal] == ColumnForm.Absent))
        {
            forms[part.Ordinal] = form;
        }

        return new Projection(Schema, forms);
    }
}
