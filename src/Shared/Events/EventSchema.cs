using System.Reflection;
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

    private EventSchema(Type eventType, IReadOnlyList<EventMember> members)
    {
        EventType = eventType;
        Members = members;
        IsFlat = members.All(member => member.FillsColumn);
        _byProperty = members.ToDictionary(member => member.Name, StringComparer.Ordinal);
    }

    /// <summary>The C# event type.</summary>
    public Type EventType { get; }

    /// <summary>The members in declaration order; <see cref="EventMember.Ordinal"/> is the index.</summary>
    public IReadOnlyList<EventMember> Members { get; }

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
        NullabilityInfoContext nullability = new();
        List<EventMember> members = [];
        Dictionary<string, string> jsonNames = new(StringComparer.OrdinalIgnoreCase);
        foreach (PropertyInfo property in eventType.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetMethod is null || property.GetIndexParameters().Length > 0
                || !EventConstruction.CanSet(eventType, property)
                || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always })
            {
                continue;
            }

            string jsonName = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
                ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (!jsonNames.TryAdd(jsonName, property.Name))
            {
                throw new DefinitionException(
                    $"Event type '{eventType.Name}': members '{jsonNames[jsonName]}' and '{property.Name}' share the JSON name '{jsonName}' "
                    + "(case does not tell names apart). Give one of them another name with [JsonPropertyName].");
            }

            members.Add(new EventMember(property, jsonName, TypeOf(eventType, property), IsNullable(nullability, property), members.Count));
        }

        if (members.Count == 0)
        {
            throw new DefinitionException($"Event type '{eventType.Name}' has no public property that can be set. Give it one per value of the event.");
        }

        return new EventSchema(eventType, members);
    }

    /// <summary>The member of a C# property; null when the property is not part of the schema.</summary>
    public EventMember? Find(string propertyName) => _byProperty.GetValueOrDefault(propertyName);

    private static ColumnType TypeOf(Type eventType, PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (CustomConverter(property, type) is { } converter)
        {
            throw new DefinitionException(
                $"Event type '{eventType.Name}': member '{property.Name}' has the converter {converter.Name}, but records are read straight into columns, "
                + "past all converters. Use a type that columns can hold, or leave the member out with [JsonIgnore].");
        }

        return ColumnTypes.OfClrType(type) ?? throw new DefinitionException(
            $"Event type '{eventType.Name}': member '{property.Name}' has type {type.Name}, which no column can hold. {Remedy(type)}");
    }

    private static string Remedy(Type type) =>
        type == typeof(ulong) ? "Use long, decimal for values above its range, or string."
        : type.IsEnum ? "Its values may be several names at once, so use int or long, or an enum without [Flags]."
        : "Use bool, a number other than ulong, string, an enum, Guid, Uri, DateTime, DateTimeOffset, DateOnly or TimeSpan, or leave the member out with "
            + "[JsonIgnore].";

    /// <summary>A converter other than the one by which enums are read anyway.</summary>
    private static Type? CustomConverter(PropertyInfo property, Type type)
    {
        Type? converter = (property.GetCustomAttribute<JsonConverterAttribute>() ?? type.GetCustomAttribute<JsonConverterAttribute>())?.ConverterType;
        return converter == typeof(JsonStringEnumConverter)
            || (converter is { IsGenericType: true } && converter.GetGenericTypeDefinition() == typeof(JsonStringEnumConverter<>))
            ? null
            : converter;
    }

    private static bool IsNullable(NullabilityInfoContext nullability, PropertyInfo property) =>
        property.PropertyType.IsValueType
            ? Nullable.GetUnderlyingType(property.PropertyType) is not null
            : nullability.Create(property).ReadState != NullabilityState.NotNull;
}
