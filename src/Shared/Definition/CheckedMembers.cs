using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Definition;

/// <summary>Finds the members that checks of a stream name, and refuses those that a check cannot be applied to.</summary>
internal sealed class CheckedMembers(string stream, EventSchema schema)
{
    /// <summary>Any member outside of arrays.</summary>
    public EventMember Any(LambdaExpression selector, string call)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return ReadMembers.Direct(selector, schema) ?? throw Wrong(
            $"{call}({selector}) is not a member of the event. Name a member, such as e => e.{schema.Members[0].Name}.");
    }

    /// <summary>A member that holds values.</summary>
    public EventMember Plain(LambdaExpression selector, string call)
    {
        EventMember member = Any(selector, call);
        return member.Kind == MemberKind.Value
            ? member
            : throw Wrong($"{call} cannot be of '{member.Path}', which is an {member.TypeName}. Name a plain value in it, or use Sql.");
    }

    /// <summary>A member that holds numbers.</summary>
    public EventMember Number(LambdaExpression selector, string call)
    {
        EventMember member = Plain(selector, call);
        return member.Type is ColumnType.Int32 or ColumnType.Int64 or ColumnType.Double or ColumnType.Decimal
            ? member
            : throw Wrong($"{call} cannot be of '{member.Path}', which is a {member.TypeName}. Name a number.");
    }

    /// <summary>One member, or each of several: <c>e => new { e.Shop, e.Day }</c>.</summary>
    public IReadOnlyList<EventMember> Several(LambdaExpression selector, string call)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return selector.Body is NewExpression { Arguments: { Count: > 0 } parts }
            ? [.. parts.Select(part => Plain(Expression.Lambda(part, selector.Parameters), call))]
            : [Plain(selector, call)];
    }

    /// <summary>An error of the definition that names the stream.</summary>
    public DefinitionException Wrong(string what, Exception? cause = null) => new($"Stream '{stream}': {what}", cause);
}
