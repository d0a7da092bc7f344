using System.Reflection;
using Lambda.Events.Texts;

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
        PlainType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Form = type == ColumnType.String ? TextForm.Of(PlainType) : null;
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

    /// <summary>The C# type of its values that are not null.</summary>
    internal Type PlainType { get; }

    /// <summary>How its values stand in a string column; null when they are strings, or the column is none of strings.</summary>
    internal TextForm? Form { get; }

    /// <summary>Whether every value that its column can hold is one of the member's type.</summary>
    internal bool FillsColumn => Type switch
    {
        ColumnType.Int32 => PlainType == typeof(int),
        ColumnType.Int64 => PlainType == typeof(long),
        ColumnType.Double => PlainType == typeof(double),
        _ => Form is null,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{JsonName} {Type}{(IsNullable ? "?" : "")}";
}
