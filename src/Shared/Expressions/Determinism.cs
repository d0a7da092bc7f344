using System.Linq.Expressions;
using System.Reflection;

namespace Lambda.Expressions;

/// <summary>
/// Refuses expressions that can give another value for the same event: both layers evaluate them at different times and must agree. It sees
/// what stands in the expression, not what a called method does inside.
/// </summary>
internal sealed class Determinism : ExpressionVisitor
{
    // By name: the kernel itself must not depend on clocks and processes, not even to refuse them.
    private static readonly string[] ForbiddenTypes =
    [
        "System.Random", "System.Environment", "System.TimeProvider", "System.HashCode", "System.Threading.Thread",
        "System.Diagnostics.Stopwatch", "System.Diagnostics.Process",
    ];

    private MemberInfo? _offender;

    private Determinism()
    {
    }

    /// <summary>The first member the expression uses whose value differs from call to call or process to process; null when there is none.</summary>
    public static MemberInfo? FindOffender(LambdaExpression lambda)
    {
        Determinism visitor = new();
        visitor.Visit(lambda.Body);
        return visitor._offender;
    }

    protected override Expression VisitMember(MemberExpression node)
    {
        Judge(node.Member, node.Expression?.Type);
        return base.VisitMember(node);
    }

    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        Judge(node.Method, node.Object?.Type);
        return base.VisitMethodCall(node);
    }

    private void Judge(MemberInfo member, Type? instanceType)
    {
        Type? type = member.DeclaringType;
        bool forbidden = ForbiddenTypes.Contains(type?.FullName)
            || (type == typeof(Guid) && member.Name is nameof(Guid.NewGuid) or nameof(Guid.CreateVersion7))
            || ((type == typeof(DateTime) || type == typeof(DateTimeOffset))
                && member.Name is nameof(DateTime.Now) or nameof(DateTime.UtcNow) or nameof(DateTime.Today))
            || (member.Name == nameof(GetHashCode) && (instanceType == typeof(string) || type == typeof(object)));
        if (forbidden)
        {
            _offender ??= member;
        }
    }
}
