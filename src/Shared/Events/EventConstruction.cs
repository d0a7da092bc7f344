using System.Linq.Expressions;
using System.Reflection;

namespace Lambda.Events;

/// <summary>How an event object is made from its members: by the public constructor with most parameters, then by setting what it left.</summary>
internal static class EventConstruction
{
    /// <summary>Whether a new event can be given a value for the property.</summary>
    public static bool CanSet(Type eventType, PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } || ConstructorParameters(eventType).Any(parameter => Fits(parameter, property));

    /// <summary>An expression that makes an event whose members have the values of <paramref name="member"/>.</summary>
    /// <exception cref="DefinitionException">The constructor has a parameter that is no member.</exception>
    public static Expression New(EventSchema schema, Func<EventMember, Expression> member)
    {
        HashSet<EventMember> set = [];
        List<Expression> arguments = [];
        foreach (ParameterInfo parameter in ConstructorParameters(schema.EventType))
        {
            EventMember source = schema.Members.FirstOrDefault(candidate => Fits(parameter, candidate.Property))
                ?? throw new DefinitionException(
                    $"Event type '{schema.EventType.Name}' cannot be made from its members: constructor parameter '{parameter.Name}' is none of "
                    + "them. Give it a constructor whose parameters are properties, or one without parameters.");
            set.Add(source);
            arguments.Add(member(source));
        }

        NewExpression construction = Constructor(schema.EventType) is { } constructor
            ? Expression.New(constructor, arguments)
            : Expression.New(schema.EventType);
        return Expression.MemberInit(
            construction,
            schema.Members.Where(candidate => !set.Contains(candidate) && candidate.Property.SetMethod is not null)
                .Select(candidate => Expression.Bind(candidate.Property, member(candidate))));
    }

    private static ConstructorInfo? Constructor(Type eventType) =>
        eventType.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length);

    private static ParameterInfo[] ConstructorParameters(Type eventType) => Constructor(eventType)?.GetParameters() ?? [];

    private static bool Fits(ParameterInfo parameter, PropertyInfo property) =>
        parameter.ParameterType == property.PropertyType
        && string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase);
}
