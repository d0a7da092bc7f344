using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Lambda.Events;

/// <summary>
/// How an object is made from its members: by the constructor that is marked with <see cref="JsonConstructorAttribute"/>, or else the public one with
/// most parameters, then by setting what it left.
/// </summary>
internal static class EventConstruction
{
    /// <summary>Whether a new event can be given a value for the property.</summary>
    public static bool CanSet(Type eventType, PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } || ConstructorParameters(eventType).Any(parameter => Fits(parameter, property));

    /// <summary>An expression that makes an object whose members have the values of <paramref name="member"/>.</summary>
    /// <exception cref="DefinitionException">The constructor has a parameter that is no member.</exception>
    public static Expression New(Type type, IReadOnlyList<EventMember> members, Func<EventMember, Expression> member)
    {
        HashSet<EventMember> set = [];
        List<Expression> arguments = [];
        foreach (ParameterInfo parameter in ConstructorParameters(type))
        {
            EventMember source = members.FirstOrDefault(candidate => Fits(parameter, candidate.Property))
                ?? throw new DefinitionException(
                    $"Event type '{type.Name}' cannot be made from its members: constructor parameter '{parameter.Name}' is none of "
                    + "them. Give it a constructor whose parameters are properties, or one without parameters.");
            set.Add(source);
            arguments.Add(member(source));
        }

        NewExpression construction = Constructor(type) is { } constructor
            ? Expression.New(constructor, arguments)
            : Expression.New(type);
        return Expression.MemberInit(
            construction,
            members.Where(candidate => !set.Contains(candidate) && candidate.Property.SetMethod is not null)
                .Select(candidate => Expression.Bind(candidate.Property, member(candidate))));
    }

    private static ConstructorInfo? Constructor(Type eventType) =>
        eventType.GetConstructors().FirstOrDefault(constructor => constructor.IsDefined(typeof(JsonConstructorAttribute)))
        ?? eventType.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length);

    private static ParameterInfo[] ConstructorParameters(Type eventType) => Constructor(eventType)?.GetParameters() ?? [];

    private static bool Fits(ParameterInfo parameter, PropertyInfo property) =>
        parameter.ParameterType == property.PropertyType
        && string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase);
}
