using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>Reads the parts of a group key off its selector.</summary>
internal static class GroupKeys
{
    /// <summary>Keys note in the bits of one <see cref="long"/> which of their parts are null.</summary>
    private const int MaxParts = 63;

    /// <param name="selector">Computes the key.</param>
    /// <param name="schema">What from.</param>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="name">What a key of one part is called; null to name it after the member that it is.</param>
    /// <exception cref="DefinitionException">A part cannot be grouped by.</exception>
    public static IReadOnlyList<KeyDefinition> Parse(LambdaExpression selector, EventSchema schema, string place, string? name = null)
    {
        if (selector.Body is NewExpression { Arguments.Count: > 0 } construction && ColumnTypes.OfClrType(construction.Type) is null)
        {
            if (construction.Arguments.Count > MaxParts)
            {
                throw new DefinitionException($"{char.ToUpperInvariant(place[0])}{place[1..]}: the key has {construction.Arguments.Count} parts, but at most {MaxParts} are "
                    + "possible. Group by fewer, or join several of them to one string.");
            }

            return
            [
                .. ConstructedMembers.Of(construction).Select(member =>
                    Part(member.Name, Expression.Lambda(member.Value, selector.Parameters), schema, place)),
            ];
        }

        return [Part(name ?? ReadMembers.Direct(selector, schema)?.JsonName ?? "key", selector, schema, place)];
    }

    private static KeyDefinition Part(string name, LambdaExpression selector, EventSchema schema, string place)
    {
        Type type = selector.Body.Type;
        ColumnType? column = ColumnTypes.OfClrType(Nullable.GetUnderlyingType(type) ?? type);
        if (column is null or ColumnType.Double or ColumnType.Decimal)
        {
            string why = column is null ? "cannot be grouped by" : "is not grouped by, as values that print alike may differ";
            throw new DefinitionException($"{char.ToUpperInvariant(place[0])}{place[1..]}: key '{name}' is of type {CSharpNames.Of(type)}, which {why}. Use strings, bools, "
                + "integers, enums, Guids, dates or instants, one of them or several as new { e.A, e.B }.");
        }

        bool isNullable = Nullable.GetUnderlyingType(type) is not null
            || (!type.IsValueType && ReadMembers.Direct(selector, schema) is not { IsNullable: false });
        return new KeyDefinition(name, selector, column.Value, isNullable);
    }
}
