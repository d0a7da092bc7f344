using System.Linq.Expressions;

namespace Lambda.Expressions;

/// <summary>Puts an expression in the place of a parameter.</summary>
internal sealed class ParameterReplacement(ParameterExpression from, Expression to) : ExpressionVisitor
{
    public static Expression Replace(Expression expression, ParameterExpression from, Expression to) =>
        new ParameterReplacement(from, to).Visit(expression);

    protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
}
