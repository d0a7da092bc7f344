using System.Linq.Expressions;
using System.Reflection;

namespace Lambda.Expressions;

/// <summary>
/// Refuses expressions that can give another value for the same event: both layers evaluate them at different times, maybe on different machines, and
/// must agree. It sees what stands in the expression, not what a called method does inside.
/// </summary>
internal sealed class Determinism : ExpressionVisitor
{
    private const string OnlyEvent = "Use only members of the event, constants and methods that always give the same for the same event.";

    // By name: the kernel itself must not depend on clocks and processes, not even to refuse them.
    private static readonly string[] ForbiddenTypes =
    [
        "System.Random", "System.Environment", "System.TimeProvider", "System.HashCode", "System.Threading.Thread",
        "System.Diagnostics.Stopwatch", "System.Diagnostics.Process",
    ];

    private Offence? _offence;

    private Determinism()
    {
    }

    /// <summary>The first thing in the expression whose value differs from call to call or process to process; null when there is none.</summary>
    public static Offence? FindOffence(LambdaExpression lambda)
    {
        Determinism visitor = new();
        visitor.Visit(lambda.Body);
        return visitor._offence;
    }

    protected override Expression VisitMember(MemberExpression node)
    {
        Judge(node.Member);
        if (node.Member is FieldInfo { IsStatic: true, IsInitOnly: false, IsLiteral: false })
        {
            _offence ??= new Offence(node.Member, "which can change while the application runs", "Make the field readonly, or copy it to a local variable.");
        }

        return base.VisitMember(node);
    }

    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        Judge(node.Method);
        _offence ??= CultureRules.Judge(node.Method, node.Object?.Type, node.Arguments) ?? ZoneRules.Judge(node.Method, node.Object, node.Arguments);
        return base.VisitMethodCall(node);
    }

    protected override Expression VisitNew(NewExpression node)
    {
        _offence ??= ZoneRules.Judge(node);
        return base.VisitNew(node);
    }

    protected override Expression VisitUnary(UnaryExpression node)
    {
        _offence ??= ZoneRules.Judge(node);
        return base.VisitUnary(node);
    }

    protected override Expression VisitBinary(BinaryExpression node)
    {
        if (node.Method is { } method)
        {
            _offence ??= CultureRules.Judge(method, instanceType: null, [node.Left, node.Right]);
        }

        return base.VisitBinary(node);
    }

    protected override Expression VisitConstant(ConstantExpression node)
    {
        _offence ??= CultureRules.Judge(node.Value);
        return base.VisitConstant(node);
    }

    private void Judge(MemberInfo member)
    {
        Type? type = member.DeclaringType;
        bool isInstant = type == typeof(DateTime) || type == typeof(DateTimeOffset);
        bool changes = ForbiddenTypes.Contains(type?.FullName)
            || (type == typeof(Guid) && member.Name is nameof(Guid.NewGuid) or nameof(Guid.CreateVersion7))
            || (isInstant && member.Name is nameof(DateTime.Now) or nameof(DateTime.UtcNow) or nameof(DateTime.Today))
            || (member.Name == nameof(GetHashCode) && type?.Namespace?.Split('.')[0] == nameof(System));
        if (changes)
        {
            _offence ??= new Offence(member, "whose value changes from call to call", OnlyEvent);
        }
        else if ((type == typeof(TimeZoneInfo) && member.Name == nameof(TimeZoneInfo.Local))
            || (isInstant && member.Name is nameof(DateTime.ToLocalTime) or nameof(DateTimeOffset.LocalDateTime)))
        {
            _offence ??= new Offence(member, ZoneRules.Problem, "Use UTC, or a zone by its name: TimeZoneInfo.FindSystemTimeZoneById(\"…\").");
        }
        else
        {
            _offence ??= CultureRules.Judge(member);
        }
    }
}
