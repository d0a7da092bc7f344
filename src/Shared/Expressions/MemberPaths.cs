using System.Linq.Expressions;
using System.Reflection;
using Lambda.Events;

namespace Lambda.Expressions;

/// <summary>Recognises accesses to members of an event, and of the objects in it: <c>e.ShippingAddress.City</c>.</summary>
internal static class MemberPaths
{
    /// <summary>The member that an expression is; null when it is anything else.</summary>
    public static EventMember? Resolve(Expression? expression, ParameterExpression source, EventSchema schema)
    {
        if (expression is not MemberExpression { Member: PropertyInfo property, Expression: { } owner })
        {
            return null;
        }

        if (owner == source)
        {
            return schema.Find(property.Name);
        }

        EventMember? member = Resolve(owner, source, schema);

        // The value of an object that is a nullable struct is the object.
        return member is { Kind: MemberKind.Object } && property.Name == nameof(Nullable<>.Value) && Nullable.GetUnderlyingType(owner.Type) is not null
            ? member
            : member?.Find(property.Name);
    }

    /// <summary>The array or list of which an expression takes the number of elements; null when it is anything else.</summary>
    public static EventMember? ResolveCount(Expression expression, ParameterExpression source, EventSchema schema)
    {
        Expression? list = expression switch
        {
            UnaryExpression { NodeType: ExpressionType.ArrayLength } length => length.Operand,
            MemberExpression { Member.Name: nameof(List<>.Count) or nameof(Array.Length) } member => member.Expression,
            MethodCallExpression { Method.Name: nameof(Enumerable.Count), Arguments: [var only] } call
                when call.Method.DeclaringType == typeof(Enumerable) => only,
            _ => null,
        };
        return Resolve(list, source, schema) is { Kind: MemberKind.List } found ? found : null;
    }

    /// <summary>The object or array that an expression compares with null; null when it is anything else.</summary>
    public static EventMember? ResolveNullTest(Expression expression, ParameterExpression source, EventSchema schema)
    {
        Expression? tested = expression switch
        {
            BinaryExpression { NodeType: ExpressionType.Equal or ExpressionType.NotEqual } comparison =>
                IsNull(comparison.Right) ? comparison.Left : IsNull(comparison.Left) ? comparison.Right : null,
            MemberExpression { Member.Name: nameof(Nullable<>.HasValue) } member => member.Expression,
            _ => null,
        };
        while (tested is UnaryExpression { NodeType: ExpressionType.Convert } conversion)
        {
            tested = conversion.Operand;
        }

        return Resolve(tested, source, schema) is { Kind: not MemberKind.Value } found ? found : null;
    }

    private static bool IsNull(Expression expression) => expression switch
    {
        ConstantExpression { Value: null } => true,
        UnaryExpression { NodeType: ExpressionType.Convert } conversion => IsNull(conversion.Operand),
        _ => false,
    };
}
