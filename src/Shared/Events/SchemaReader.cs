using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lambda.Events;

/// <summary>Reads the members of an event type, and of the objects and arrays in it.</summary>
internal sealed class SchemaReader(Type eventType)
{
    private readonly NullabilityInfoContext _nullability = new();
    private readonly List<EventMember> _members = [];

    /// <summary>The object types that are being read, from the event inwards.</summary>
    private readonly Stack<Type> _open = [];

    /// <summary>All members, each before what lies in it.</summary>
    /// <exception cref="DefinitionException">A member cannot be a column, or two have one name.</exception>
    public IReadOnlyList<EventMember> Read()
    {
        ReadObject(null, eventType);
        return _members;
    }

    private void ReadObject(EventMember? parent, Type type)
    {
        if (_open.Contains(type))
        {
            throw Wrong(parent!.Path, $"is a {type.Name} again, which contains itself; columns have to be known beforehand. Leave the member out with [JsonIgnore].");
        }

        _open.Push(type);
        int before = _members.Count;
        Dictionary<string, string> jsonNames = new(StringComparer.OrdinalIgnoreCase);
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetMethod is null || property.GetIndexParameters().Length > 0
                || !EventConstruction.CanSet(type, property)
                || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always })
            {
                continue;
            }

            string jsonName = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
                ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (!jsonNames.TryAdd(jsonName, property.Name))
            {
                throw new DefinitionException(
                    $"Event type '{type.Name}': members '{jsonNames[jsonName]}' and '{property.Name}' share the JSON name '{jsonName}' "
                    + "(case does not tell names apart). Give one of them another name with [JsonPropertyName].");
            }

            NullabilityInfo nullability = _nullability.Create(property);
            Shape shape = ShapeOf(property.PropertyType, nullability, property.Name, property.GetCustomAttribute<JsonConverterAttribute>());
            ReadContent(
                EventMember.OfProperty(parent, property, jsonName, shape.Kind, shape.Type, shape.IsNullable, _members.Count), nullability);
        }

        if (_members.Count == before)
        {
            throw new DefinitionException($"Event type '{type.Name}' has no public property that can be set. Give it one per value of the event.");
        }

        _open.Pop();
    }

    private void ReadContent(EventMember member, NullabilityInfo nullability)
    {
        _members.Add(member);
        if (member.Kind == MemberKind.Object)
        {
            ReadObject(member, member.PlainType);
        }
        else if (member.Kind == MemberKind.List)
        {
            Type element = ListTypes.ElementOf(member.PlainType)!;
            NullabilityInfo elementNullability = nullability.ElementType ?? nullability.GenericTypeArguments[0];
            Shape shape = ShapeOf(element, elementNullability, $"{member.Name}[]", converter: null);
            if (shape.Kind == MemberKind.List)
            {
                throw Wrong(member.Name, "is an array of arrays. Make the inner ones a member of an object.");
            }

            ReadContent(EventMember.OfElement(member, element, shape.Kind, shape.Type, shape.IsNullable, _members.Count), elementNullability);
        }
    }

    private Shape ShapeOf(Type declared, NullabilityInfo nullability, string name, JsonConverterAttribute? converter)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        bool isNullable = declared.IsValueType ? type != declared : nullability.ReadState != NullabilityState.NotNull;
        if (CustomConverter(converter, type) is { } custom)
        {
            throw Wrong(name, $"has the converter {custom.Name}, but records are read straight into columns, past all converters. Use a type that columns "
                + "can hold, or leave the member out with [JsonIgnore].");
        }

        return ColumnTypes.OfClrType(type) is { } column ? new Shape(MemberKind.Value, column, isNullable)
            : ListTypes.ElementOf(type) is not null ? new Shape(MemberKind.List, null, isNullable)
            : IsObject(type) ? new Shape(MemberKind.Object, null, isNullable)
            : throw Wrong(name, $"has type {type.Name}, which no column can hold. {Remedy(type)}");
    }

    private static bool IsObject(Type type) =>
        (type.IsClass || type.IsValueType) && !type.IsAbstract && !type.IsEnum && !type.IsPrimitive && !type.IsAssignableTo(typeof(IEnumerable))
        && !type.IsAssignableTo(typeof(Delegate)) && type != typeof(object)
        && !(type.Namespace is { } space && (space == nameof(System) || space.StartsWith("System.", StringComparison.Ordinal)));

    private static string Remedy(Type type) =>
        type == typeof(ulong) ? "Use long, decimal for values above its range, or string."
        : type.IsEnum ? "Its values may be several names at once, so use int or long, or an enum without [Flags]."
        : type.IsAssignableTo(typeof(IEnumerable)) ? "Use T[], List<T>, IReadOnlyList<T> or ImmutableArray<T>, or leave the member out with [JsonIgnore]."
        : "Use bool, a number other than ulong, string, an enum, Guid, Uri, DateTime, DateTimeOffset, DateOnly, TimeSpan, a class, record or struct of such, "
            + "or an array of them, or leave the member out with [JsonIgnore].";

    /// <summary>A converter other than the one by which enums are read anyway.</summary>
    private static Type? CustomConverter(JsonConverterAttribute? ofMember, Type type)
    {
        Type? converter = (ofMember ?? type.GetCustomAttribute<JsonConverterAttribute>())?.ConverterType;
        return converter == typeof(JsonStringEnumConverter)
            || (converter is { IsGenericType: true } && converter.GetGenericTypeDefinition() == typeof(JsonStringEnumConverter<>))
            ? null
            : converter;
    }

    private DefinitionException Wrong(string member, string what) =>
        new($"Event type '{(_open.TryPeek(out Type? type) ? type : eventType).Name}': member '{member}' {what}");

    private readonly record struct Shape(MemberKind Kind, ColumnType? Type, bool IsNullable);
}
