using System.Linq.Expressions;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Puts captured selectors where they are used, as definitions must have them, so that one declaration can be made over values of any type.</summary>
internal sealed class SelectorsInPlace : ExpressionVisitor
{
    public static Expression<Func<T, TResult>> Of<T, TResult>(Expression<Func<T, TResult>> declaration) =>
        (Expression<Func<T, TResult>>)new SelectorsInPlace().Visit(declaration);

    protected override Expression VisitMember(MemberExpression node) => typeof(LambdaExpression).IsAssignableFrom(node.Type)
        ? Expression.Quote(Expression.Lambda<Func<LambdaExpression>>(node).Compile()())
        : base.VisitMember(node);
}
