using System.Linq.Expressions;
using Lambda.Events;

namespace Lambda.Expressions;

/// <summary>Finds which members of the event an expression reads.</summary>
internal sealed class ReadMembers : ExpressionVisitor
{
    private readonly EventSchema _schema;
    private readonly ParameterExpression _event;
    private readonly HashSet<EventMember> _members = [];

    private ReadMembers(EventSchema schema, ParameterExpression eventParameter)
    {
        _schema = schema;
        _event = eventParameter;
    }

    /// <summary>
    /// The members read: of an object or array that is needed as such all that lies in it, of one that is only counted or compared with null just
    /// itself, and of the event, when it is needed as an object, everything.
    /// </summary>
    public static IReadOnlyCollection<EventMember> Of(LambdaExpression lambda, EventSchema schema)
    {
        ReadMembers visitor = new(schema, lambda.Parameters[0]);
        visitor.Visit(lambda.Body);
        return visitor._members;
    }

    /// <summary>The member that the whole expression is, conversions aside; null when it is anything else.</summary>
    public static EventMember? Direct(LambdaExpression lambda, EventSchema schema)
    {
        Expression body = lambda.Body;
        while (body is UnaryExpression { NodeType: ExpressionType.Convert } conversion && conversion.Method is null)
        {
            body = conversion.Operand;
        }

        return MemberPaths.Resolve(body, lambda.Parameters[0], schema);
    }

    /// <summary>Whether the conversions around a member give different values for different ones: those to smaller numbers, or by way of fractions, do not.</summary>
    public static bool KeepsApart(LambdaExpression lambda)
    {
        Expression body = lambda.Body;
        while (body is UnaryExpression { NodeType: ExpressionType.Convert } conversion && conversion.Method is null)
        {
            body = conversion.Operand;
            Type from = Nullable.GetUnderlyingType(body.Type) ?? body.Type;
            Type to = Nullable.GetUnderlyingType(conversion.Type) ?? conversion.Type;
            if (from != to && (BytesOf(from) == 0 || BytesOf(to) < BytesOf(from)))
            {
                return false;
            }
        }

        return true;
    }

    public override Expression? Visit(Expression? node)
    {
        if (node is null)
        {
            return null;
        }

        if ((MemberPaths.ResolveCount(node, _event, _schema) ?? MemberPaths.ResolveNullTest(node, _event, _schema)) is { } itself)
        {
            _members.Add(itself);
            return node;
        }

        if (MemberPaths.Resolve(node, _event, _schema) is { } member)
        {
            _members.UnionWith(member.Subtree);
            return node;
        }

        return base.Visit(node);
    }

    protected override Expression VisitParameter(ParameterExpression node)
    {
        if (node == _event)
        {
            _members.UnionWith(_schema.All);
        }

        return node;
    }

    /// <summary>How many bytes a whole number, a character or a value of an enum takes; zero for all else.</summary>
    private static int BytesOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.SByte or TypeCode.Byte => 1,
        TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Char => 2,
        TypeCode.Int32 or TypeCode.UInt32 => 4,
        TypeCode.Int64 or TypeCode.UInt64 => 8,
        _ => 0,
    };
}
