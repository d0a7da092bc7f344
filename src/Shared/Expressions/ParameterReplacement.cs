using System.Linq.Expressions;

namespace Lambda.Expressions;

/// <summary>Puts one parameter in the place of another.</summary>
internal sealed class ParameterReplacement(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
{
    public static Expression Replace(Expression expression, ParameterExpression from, ParameterExpression to) =>
        new ParameterReplacement(from, to).Visit(expression);

    protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
}
