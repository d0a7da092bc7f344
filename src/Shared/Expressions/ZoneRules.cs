using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace Lambda.Expressions;

/// <summary>What takes a time without a zone for one in the zone of the machine, as far as the base class library goes. Times of events are UTC.</summary>
internal static class ZoneRules
{
    public const string Problem = "which depends on the time zone of the machine";

    private const string GiveZone =
        "It takes a DateTime without a zone for local time. Make it one of DateTimeKind.Utc, or a DateTimeOffset with an offset such as TimeSpan.Zero.";

    private const string GiveStyles = "Give it DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal.";

    /// <summary>Judges a conversion, also one that nobody wrote: C# makes a <see cref="DateTimeOffset"/> of a <see cref="DateTime"/> to compare the two.</summary>
    public static Offence? Judge(UnaryExpression conversion) =>
        conversion.Method is { } method && method.DeclaringType == typeof(DateTimeOffset) && LacksZone(conversion.Operand)
            ? new Offence(method, Problem, GiveZone)
            : null;

    /// <summary>Judges a constructor.</summary>
    public static Offence? Judge(NewExpression made) =>
        made is { Constructor: { } constructor, Arguments: [var time] } && constructor.DeclaringType == typeof(DateTimeOffset) && LacksZone(time)
            ? new Offence(constructor, Problem, GiveZone)
            : null;

    /// <summary>Judges a call.</summary>
    public static Offence? Judge(MethodInfo method, Expression? instance, IReadOnlyList<Expression> arguments)
    {
        string? remedy = method.DeclaringType == typeof(DateTime) && method.Name is nameof(DateTime.ToUniversalTime) or nameof(DateTime.ToFileTime)
                ? LacksZone(instance) ? GiveZone : null
            : method.DeclaringType == typeof(TimeZoneInfo) && IsOfAnyZone(method) ? LacksZone(arguments[0]) ? GiveZone : null
            : IsOfText(method) && !SaysZone(method, arguments) ? GiveStyles
            : null;
        return remedy is null ? null : new Offence(method, Problem, remedy);
    }

    /// <summary>Whether a method converts a <see cref="DateTime"/> without being told of which zone it is.</summary>
    private static bool IsOfAnyZone(MethodInfo method) =>
        method.GetParameters() is [var time, .. var others] && time.ParameterType == typeof(DateTime) && (method.Name, others.Length) is
            (nameof(TimeZoneInfo.ConvertTime), 1) or (nameof(TimeZoneInfo.ConvertTimeBySystemTimeZoneId), 1) or (nameof(TimeZoneInfo.ConvertTimeToUtc), 0);

    /// <summary>Whether a method reads a text, which may name a zone or none.</summary>
    private static bool IsOfText(MethodInfo method) =>
        (method.DeclaringType == typeof(DateTime) || method.DeclaringType == typeof(DateTimeOffset))
        && (method.Name is nameof(DateTime.Parse) or nameof(DateTime.TryParse) || IsOfForms(method));

    /// <summary>Whether a method reads a text of one of the forms that it is given second.</summary>
    private static bool IsOfForms(MethodInfo method) => method.Name is nameof(DateTime.ParseExact) or nameof(DateTime.TryParseExact);

    /// <summary>Whether styles or forms are given by which the zone of the machine does not matter. What an event decides may be right, too.</summary>
    private static bool SaysZone(MethodInfo method, IReadOnlyList<Expression> arguments)
    {
        TimeForms? forms = IsOfForms(method) ? TimeForms.In(arguments[1]) : TimeForms.Any;
        if (forms is null || StylesOf(arguments) is not { } styles)
        {
            return true;
        }

        return method.DeclaringType == typeof(DateTimeOffset) ? styles.HasFlag(DateTimeStyles.AssumeUniversal) || forms.HaveZone
            : styles.HasFlag(DateTimeStyles.AdjustToUniversal) ? !styles.HasFlag(DateTimeStyles.AssumeLocal)
            : forms.LackZone && (styles & (DateTimeStyles.AssumeLocal | DateTimeStyles.AssumeUniversal)) == 0;
    }

    /// <summary>The styles that are given. Captured ones are known once they are folded; null of others.</summary>
    private static DateTimeStyles? StylesOf(IReadOnlyList<Expression> arguments) =>
        arguments.FirstOrDefault(argument => argument.Type == typeof(DateTimeStyles)) switch
        {
            null => DateTimeStyles.None,
            ConstantExpression { Value: DateTimeStyles styles } => styles,
            _ => null,
        };

    /// <summary>Whether a <see cref="DateTime"/> is not UTC, as far as can be seen.</summary>
    private static bool LacksZone(Expression? time) => time switch
    {
        ConstantExpression { Value: DateTime value } => value.Kind != DateTimeKind.Utc,
        DefaultExpression => true,
        NewExpression made when made.Type == typeof(DateTime) => LacksKind(made.Arguments),
        MemberExpression { Expression: { } whole, Member.Name: nameof(DateTimeOffset.Date) or nameof(DateTimeOffset.DateTime) } when whole.Type == typeof(DateTimeOffset) => true,
        MemberExpression { Expression: { } whole, Member.Name: nameof(DateTime.Date) or nameof(Nullable<int>.Value) } when IsTime(whole) => LacksZone(whole),
        MethodCallExpression { Method.Name: nameof(DateTime.SpecifyKind) or nameof(DateOnly.ToDateTime) } made
            when made.Method.DeclaringType == typeof(DateTime) || made.Method.DeclaringType == typeof(DateOnly) => LacksKind(made.Arguments),
        MethodCallExpression { Object: { } start, Method.Name: not nameof(DateTime.ToUniversalTime) } moved when IsTime(start) && IsTime(moved) => LacksZone(start),
        MethodCallExpression { Object: null } read when read.Method.DeclaringType == typeof(DateTime) && IsOfText(read.Method) =>
            StylesOf(read.Arguments) is { } styles && !styles.HasFlag(DateTimeStyles.AssumeUniversal)
            && !(IsOfForms(read.Method) && TimeForms.In(read.Arguments[1]) is null or { HaveZone: true }),
        BinaryExpression { NodeType: ExpressionType.Coalesce } either => LacksZone(either.Left) || LacksZone(either.Right),
        BinaryExpression moved when IsTime(moved) => LacksZone(moved.Left),
        UnaryExpression lifted when IsTime(lifted) => LacksZone(lifted.Operand),
        ConditionalExpression either => LacksZone(either.IfTrue) || LacksZone(either.IfFalse),
        _ => false,
    };

    /// <summary>Whether something is made as a local time or as one of no zone. A captured kind is known once it is folded.</summary>
    private static bool LacksKind(IReadOnlyList<Expression> arguments) =>
        arguments.FirstOrDefault(argument => argument.Type == typeof(DateTimeKind)) is null or ConstantExpression { Value: not DateTimeKind.Utc };

    private static bool IsTime(Expression expression) => (Nullable.GetUnderlyingType(expression.Type) ?? expression.Type) == typeof(DateTime);
}
