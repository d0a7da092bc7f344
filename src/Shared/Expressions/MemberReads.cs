using System.Linq.Expressions;
using Lambda.Events;

namespace Lambda.Expressions;

/// <summary>
/// Turns accesses to the event's members into reads of columns. Objects and arrays that are needed as such are made per row, from the columns of what
/// lies in them.
/// </summary>
internal sealed class MemberReads(EventSchema schema, ParameterExpression source, BatchColumns columns, Expression row) : ExpressionVisitor
{
    public override Expression? Visit(Expression? node)
    {
        if (node is null)
        {
            return null;
        }

        if (MemberPaths.ResolveCount(node, source, schema) is { } list)
        {
            return Guarded(list, row, columns.Length(list, row), itself: true);
        }

        if (MemberPaths.ResolveNullTest(node, source, schema) is { } tested)
        {
            Expression isNull = Guarded(tested, row, columns.IsNull(tested, row), itself: false);
            return node.NodeType == ExpressionType.Equal ? isNull : Expression.Not(isNull);
        }

        if (MemberPaths.Resolve(node, source, schema) is { } member)
        {
            Expression value = Guarded(member, row, Make(member, row), itself: false);
            return value.Type == node.Type ? value : Expression.Convert(value, node.Type);
        }

        return base.Visit(node);
    }

    /// <summary>The dictionary id of a string member.</summary>
    public Expression StringId(EventMember member) => Guarded(member, row, columns.StringId(member, row), itself: false);

    /// <summary>An instant that cannot be null, in microseconds.</summary>
    public Expression Raw(EventMember member) => Guarded(member, row, columns.Raw(member, row), itself: false);

    protected override Expression VisitParameter(ParameterExpression node) =>
        node == source ? EventConstruction.New(schema.EventType, schema.Members, member => Make(member, row)) : node;

    /// <summary>The value, unless an object around the member, or the member itself where that counts, is null: then the event fails.</summary>
    private Expression Guarded(EventMember member, Expression index, Expression value, bool itself)
    {
        foreach (EventMember part in member.Ancestry.Reverse().Where(part => part.IsNullable && (itself || part != member)))
        {
            value = Expression.Condition(
                columns.IsNull(part, index),
                Expression.Call(typeof(NullMembers), nameof(NullMembers.Fail), [value.Type], Expression.Constant(part.Path)),
                value);
        }

        return value;
    }

    /// <summary>A member's value in a row or element in which what it lies in is not null.</summary>
    private Expression Make(EventMember member, Expression index)
    {
        if (member.Kind == MemberKind.Value)
        {
            return columns.Read(member, index);
        }

        Expression made = member.Kind == MemberKind.List
            ? MakeList(member, index)
            : EventConstruction.New(member.PlainType, member.Children, child => Make(child, index));
        made = made.Type == member.ClrType ? made : Expression.Convert(made, member.ClrType);
        return member.IsNullable ? Expression.Condition(columns.IsNull(member, index), Expression.Default(member.ClrType), made) : made;
    }

    private BlockExpression MakeList(EventMember list, Expression index)
    {
        Type element = list.Element.ClrType;
        ParameterExpression array = Expression.Variable(element.MakeArrayType(), "array");
        ParameterExpression start = Expression.Variable(typeof(int), "start");
        ParameterExpression next = Expression.Variable(typeof(int), "next");
        ParameterExpression place = Expression.Variable(typeof(int), "elementPlace");
        LabelTarget done = Expression.Label();
        return Expression.Block(
            [array, start, next, place],
            Expression.Assign(array, Expression.NewArrayBounds(element, columns.Length(list, index))),
            Expression.Assign(start, columns.Start(list, index)),
            Expression.Assign(next, Expression.Constant(0)),
            Expression.Loop(
                Expression.IfThenElse(
                    Expression.LessThan(next, Expression.ArrayLength(array)),
                    Expression.Block(
                        Expression.Assign(place, Expression.Add(start, next)),
                        Expression.Assign(Expression.ArrayAccess(array, next), Make(list.Element, place)),
                        Expression.PreIncrementAssign(next)),
                    Expression.Break(done)),
                done),
            ListTypes.FromArray(list.PlainType, array));
    }
}
