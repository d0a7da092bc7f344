using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lambda.Events;

/// <summary>The columns of a stream, read off its C# event type: every public property that can be set, by a constructor or by itself.</summary>
/// <remarks>
/// JSON names follow System.Text.Json with <see cref="JsonNamingPolicy.CamelCase"/>; <see cref="JsonPropertyNameAttribute"/> and
/// <see cref="JsonIgnoreAttribute"/> are honoured.
/// </remarks>
public sealed class EventSchema
{
    private readonly Dictionary<string, EventMember> _byProperty;

    private EventSchema(Type eventType, IReadOnlyList<EventMember> all)
    {
        EventType = eventType;
        All = all;
        Members = [.. all.Where(member => member.Parent is null)];
        IsFlat = all.All(member => member.FillsColumn);
        _byProperty = Members.ToDictionary(member => member.Name, StringComparer.Ordinal);
    }

    /// <summary>The C# event type.</summary>
    public Type EventType { get; }

    /// <summary>The event's own members in declaration order.</summary>
    public IReadOnlyList<EventMember> Members { get; }

    /// <summary>All members, those of objects and elements of arrays too, each before what lies in it; <see cref="EventMember.Ordinal"/> is the index.</summary>
    internal IReadOnlyList<EventMember> All { get; }

    /// <summary>
    /// Whether every member is a plain value of exactly the type that its column holds, so that a reader need know nothing but column types: no
    /// objects, arrays, narrower numbers, nor texts that only some strings are.
    /// </summary>
    internal bool IsFlat { get; }

    /// <summary>Reads the schema of an event type.</summary>
    /// <exception cref="DefinitionException">A member has a type that no column can hold, or two members share a JSON name.</exception>
    public static EventSchema Of(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        return new EventSchema(eventType, new SchemaReader(eventType).Read());
    }

    /// <summary>A schema of members that are known.</summary>
    /// <param name="eventType">The type that they are of.</param>
    /// <param name="all">All members, each before what lies in it.</param>
    internal static EventSchema Of(Type eventType, IReadOnlyList<EventMember> all) => new(eventType, all);

    /// <summary>The member of a C# property; null when the property is not part of the schema.</summary>
    public EventMember? Find(string propertyName) => _byProperty.GetValueOrDefault(propertyName);
}
