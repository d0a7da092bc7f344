using System.Reflection;

namespace Lambda.Events;

/// <summary>One member of an event type: a column of the stream.</summary>
public sealed class EventMember
{
    internal EventMember(PropertyInfo property, string jsonName, ColumnType type, bool isNullable, int ordinal)
    {
        Property = property;
        JsonName = jsonName;
        Type = type;
        IsNullable = isNullable;
        Ordinal = ordinal;
    }

    /// <summary>The name in C#.</summary>
    public string Name => Property.Name;

    /// <summary>The name in JSON, in the history's columns and in answers.</summary>
    public string JsonName { get; }

    /// <summary>What the member holds.</summary>
    public ColumnType Type { get; }

    /// <summary>Whether the member may be null or missing. A record that lacks any other member is quarantined.</summary>
    public bool IsNullable { get; }

    /// <summary>The member's place in its <see cref="EventSchema"/>.</summary>
    public int Ordinal { get; }

    internal PropertyInfo Property { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{JsonName} {Type}{(IsNullable ? "?" : "")}";
}
