using System.Linq.Expressions;
using System.Reflection;

namespace Lambda.Expressions;

/// <summary>
/// Replaces captured variables and static read-only fields by the values they have now, so that a definition means the same for as long as
/// the process runs and its hash speaks of values, not of names.
/// </summary>
internal sealed class ConstantFolding : ExpressionVisitor
{
    private static readonly ConstantFolding Instance = new();

    public static LambdaExpression Fold(LambdaExpression lambda) => (LambdaExpression)Instance.Visit(lambda);

    protected override Expression VisitMember(MemberExpression node)
    {
        Expression? target = node.Expression is null ? null : Visit(node.Expression);
        if (target is not null and not ConstantExpression)
        {
            return node.Update(target);
        }

        object? instance = (target as ConstantExpression)?.Value;
        return node.Member switch
        {
            FieldInfo field when instance is not null || (field.IsStatic && field.IsInitOnly) =>
                Expression.Constant(field.GetValue(instance), node.Type),
            PropertyInfo property when target is not null && instance is not null =>
                Expression.Constant(property.GetValue(instance), node.Type),
            _ => target is null ? node : node.Update(target),
        };
    }
}
