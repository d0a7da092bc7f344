using System.Reflection;
using Lambda.Events.Texts;

namespace Lambda.Events;

/// <summary>
/// A member of an event type, of an object within one, or the element of an array: a column of the stream. Members of objects are indexed by the rows of
/// their batch; what lies in an array, by the elements that the arrays of all rows have together.
/// </summary>
public sealed class EventMember
{
    private readonly PropertyInfo? _property;
    private readonly ColumnType? _type;
    private readonly List<EventMember> _children = [];

    private EventMember(EventMember? parent, PropertyInfo? property, string jsonName, Type clrType, MemberKind kind, ColumnType? type, bool isNullable, int ordinal)
    {
        _property = property;
        _type = type;
        Parent = parent;
        JsonName = jsonName;
        ClrType = clrType;
        Kind = kind;
        IsNullable = isNullable;
        Ordinal = ordinal;
        PlainType = Nullable.GetUnderlyingType(clrType) ?? clrType;
        Form = type == ColumnType.String ? TextForm.Of(PlainType) : null;
        Path = parent is null ? jsonName : property is null ? $"{parent.Path}[]" : $"{parent.Path}.{jsonName}";
        List = parent is { Kind: MemberKind.List } ? parent : parent?.List;
        parent?._children.Add(this);
    }

    /// <summary>The name in C#.</summary>
    public string Name => _property?.Name ?? JsonName;

    /// <summary>The name in JSON, in the history's columns and in answers.</summary>
    public string JsonName { get; }

    /// <summary>The JSON names from the event down to the member: <c>shippingAddress.city</c>, <c>items[].price</c>.</summary>
    public string Path { get; }

    /// <summary>What the member holds.</summary>
    /// <exception cref="InvalidOperationException">It is an object or array, which hold no values themselves.</exception>
    public ColumnType Type => _type ?? throw new InvalidOperationException($"Member '{Path}' is no plain value.");

    /// <summary>Whether the member may be null or missing. A record that lacks any other member is quarantined.</summary>
    public bool IsNullable { get; }

    /// <summary>The member's place among all columns of its <see cref="EventSchema"/>.</summary>
    public int Ordinal { get; }

    internal MemberKind Kind { get; }

    /// <summary>The object or array that the member lies in; null when it is the event's own.</summary>
    internal EventMember? Parent { get; }

    /// <summary>The members of an object, or the one element of an array.</summary>
    internal IReadOnlyList<EventMember> Children => _children;

    /// <summary>The innermost array that the member lies in, whose elements index its column; null when rows do.</summary>
    internal EventMember? List { get; }

    /// <summary>What each element of an array is.</summary>
    internal EventMember Element => Kind == MemberKind.List ? _children[0] : throw new InvalidOperationException($"Member '{Path}' is no array.");

    /// <summary>The C# property.</summary>
    /// <exception cref="InvalidOperationException">It is the element of an array.</exception>
    internal PropertyInfo Property => _property ?? throw new InvalidOperationException($"'{Path}' is an element, not a property.");

    /// <summary>The C# type as it is declared.</summary>
    internal Type ClrType { get; }

    /// <summary>The C# type of its values that are not null.</summary>
    internal Type PlainType { get; }

    /// <summary>How its values stand in a string column; null when they are strings, or the column is none of strings.</summary>
    internal TextForm? Form { get; }

    /// <summary>Whether the member is a plain value, and every value that its column can hold is one of the member's type.</summary>
    internal bool FillsColumn => _type switch
    {
        null => false,
        ColumnType.Int32 => PlainType == typeof(int),
        ColumnType.Int64 => PlainType == typeof(long),
        ColumnType.Double => PlainType == typeof(double),
        _ => Form is null,
    };

    /// <summary>What the member is, for messages: <c>Int64</c>, <c>Guid</c>, <c>object</c>, <c>array</c>.</summary>
    internal string TypeName => Kind switch
    {
        MemberKind.Object => "object",
        MemberKind.List => "array",
        _ => FillsColumn ? Type.ToString() : PlainType.Name,
    };

    /// <summary>The member and, before anything beside it, all that lies in it.</summary>
    internal IEnumerable<EventMember> Subtree => _children.SelectMany(child => child.Subtree).Prepend(this);

    /// <summary>From the event's own member down to this one.</summary>
    internal IEnumerable<EventMember> Ancestry => Parent is null ? [this] : Parent.Ancestry.Append(this);

    /// <summary>A member that is a property.</summary>
    internal static EventMember OfProperty(
        EventMember? parent, PropertyInfo property, string jsonName, MemberKind kind, ColumnType? type, bool isNullable, int ordinal) =>
        new(parent, property, jsonName, property.PropertyType, kind, type, isNullable, ordinal);

    /// <summary>The element of an array.</summary>
    internal static EventMember OfElement(EventMember list, Type clrType, MemberKind kind, ColumnType? type, bool isNullable, int ordinal) =>
        new(list, null, "element", clrType, kind, type, isNullable, ordinal);

    /// <summary>This member without what lies in it, in another object.</summary>
    internal EventMember CopyTo(EventMember parent, int ordinal) => new(parent, _property, JsonName, ClrType, Kind, _type, IsNullable, ordinal);

    /// <summary>This member without what lies in it, as a property of another event.</summary>
    internal EventMember CopyAs(PropertyInfo property, int ordinal) => new(null, property, JsonName, ClrType, Kind, _type, IsNullable, ordinal);

    /// <summary>The member of a C# property of an object; null when the object has none of that name.</summary>
    internal EventMember? Find(string propertyName) => Kind == MemberKind.Object ? _children.Find(child => child.Name == propertyName) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Path} {TypeName}{(IsNullable ? "?" : "")}";
}
