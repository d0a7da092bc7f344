using System.Linq.Expressions;
using System.Reflection;
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

    /// <summary>The members read; all of them when the expression needs the event as an object.</summary>
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

        return body is MemberExpression { Member: PropertyInfo property } access && access.Expression == lambda.Parameters[0]
            ? schema.Find(property.Name)
            : null;
    }

    protected override Expression VisitMember(MemberExpression node)
    {
        if (node.Expression == _event && node.Member is PropertyInfo property && _schema.Find(property.Name) is { } member)
        {
            _members.Add(member);
            return node;
        }

        return base.VisitMember(node);
    }

    protected override Expression VisitParameter(ParameterExpression node)
    {
        if (node == _event)
        {
            _members.UnionWith(_schema.Members);
        }

        return node;
    }
}
