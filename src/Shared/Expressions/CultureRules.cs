using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Lambda.Expressions;

/// <summary>What gives different values in different cultures, as far as the base class library goes.</summary>
internal static class CultureRules
{
    public const string Problem = "which depends on the culture of the machine";

    private const string GiveCulture = "Give it CultureInfo.InvariantCulture.";
    private const string OtherCase = "Use ToLowerInvariant or ToUpperInvariant.";

    /// <summary>Judges a constant, or what was captured.</summary>
    public static Offence? Judge(object? value) => value switch
    {
        StringComparison and (StringComparison.CurrentCulture or StringComparison.CurrentCultureIgnoreCase) =>
            new Offence(typeof(StringComparison).GetField(value.ToString()!)!, Problem, "Use StringComparison.Ordinal or OrdinalIgnoreCase."),
        RegexOptions options => Judge(options),
        Regex pattern => Judge(pattern.Options),
        _ => null,
    };

    /// <summary>Judges a property or field.</summary>
    public static Offence? Judge(MemberInfo member) =>
        (IsOfCultures(member.DeclaringType) && member.Name.StartsWith("Current", StringComparison.Ordinal))
        || (member.DeclaringType == typeof(StringComparer) && member.Name.StartsWith("CurrentCulture", StringComparison.Ordinal))
            ? new Offence(member, Problem, "Use the invariant culture, or ordinal comparisons.")
            : null;

    /// <summary>Judges a call.</summary>
    public static Offence? Judge(MethodInfo method, Type? instanceType, IReadOnlyList<Expression> arguments)
    {
        if (arguments.Any(IsProvider))
        {
            return null;
        }

        string? remedy = method.DeclaringType == typeof(string) ? OfString(method, arguments)
            : method.Name switch
            {
                nameof(char.ToLower) or nameof(char.ToUpper) when method.DeclaringType == typeof(char) => OtherCase,
                nameof(ToString) when IsFormatted(instanceType) => GiveCulture,
                nameof(DateTime.ToLongDateString) or nameof(DateTime.ToShortDateString) or nameof(DateTime.ToLongTimeString) or nameof(DateTime.ToShortTimeString)
                    or nameof(DateTime.GetDateTimeFormats) when IsFormatted(instanceType) => "Use ToString with a format and CultureInfo.InvariantCulture.",
                "Parse" or "TryParse" or "ParseExact" or "TryParseExact" when IsFormatted(method.DeclaringType) => GiveCulture,
                _ when method.DeclaringType == typeof(Convert) && IsConversionOfText(method) => GiveCulture,
                _ when method.DeclaringType == typeof(Enumerable) && ComparesText(method) => "Give it StringComparer.Ordinal.",
                _ => null,
            };
        return remedy is null ? null : new Offence(method, Problem, remedy);
    }

    private static Offence? Judge(RegexOptions options) => (options & (RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)) == RegexOptions.IgnoreCase
        ? new Offence(typeof(RegexOptions).GetField(nameof(RegexOptions.IgnoreCase))!, Problem, "Add RegexOptions.CultureInvariant.")
        : null;

    private static string? OfString(MethodInfo method, IReadOnlyList<Expression> arguments)
    {
        bool saysHow = method.GetParameters().Any(parameter => parameter.ParameterType == typeof(StringComparison));
        return method.Name switch
        {
            nameof(string.ToLower) or nameof(string.ToUpper) => OtherCase,
            nameof(string.Compare) when !saysHow => "Use string.CompareOrdinal.",
            nameof(string.CompareTo) => "Use string.CompareOrdinal.",
            nameof(string.StartsWith) or nameof(string.EndsWith) or nameof(string.IndexOf) or nameof(string.LastIndexOf)
                when !saysHow && method.GetParameters()[0].ParameterType == typeof(string) => "Give it StringComparison.Ordinal or OrdinalIgnoreCase.",
            nameof(string.Format) or nameof(string.Concat) or nameof(string.Join) when arguments.Any(HoldsFormatted) =>
                "Make strings of numbers and dates by ToString(CultureInfo.InvariantCulture) first.",
            _ => null,
        };
    }

    /// <summary>Whether an argument is a number or date, which may have been boxed, or several.</summary>
    private static bool HoldsFormatted(Expression argument) => argument switch
    {
        NewArrayExpression array => array.Expressions.Any(HoldsFormatted),
        UnaryExpression { NodeType: ExpressionType.Convert } boxed when boxed.Type == typeof(object) => IsFormatted(boxed.Operand.Type),
        _ => IsFormatted(argument.Type) || argument.Type.GetInterfaces().Append(argument.Type).Any(IsOfFormatted),
    };

    private static bool IsOfFormatted(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>) && IsFormatted(type.GetGenericArguments()[0]);

    /// <summary>Whether a culture is given. Null stands for the one of the machine.</summary>
    private static bool IsProvider(Expression argument) => argument.Type.IsAssignableTo(typeof(IFormatProvider))
        && (argument is UnaryExpression { NodeType: ExpressionType.Convert } given ? given.Operand : argument) is not ConstantExpression { Value: null };

    private static bool IsOfCultures(Type? type) =>
        type == typeof(CultureInfo) || type == typeof(NumberFormatInfo) || type == typeof(DateTimeFormatInfo) || type == typeof(RegionInfo);

    /// <summary>Whether a method over a sequence compares strings and is not told how, which is by culture.</summary>
    private static bool ComparesText(MethodInfo method)
    {
        if (!method.IsGenericMethod || method.GetParameters()[^1].ParameterType.Name == typeof(IComparer<>).Name)
        {
            return false;
        }

        Type[] types = method.GetGenericArguments();
        Type? compared = method.Name switch
        {
            nameof(Enumerable.Order) or nameof(Enumerable.OrderDescending) => types[0],
            nameof(Enumerable.OrderBy) or nameof(Enumerable.OrderByDescending) or nameof(Enumerable.ThenBy) or nameof(Enumerable.ThenByDescending)
                or nameof(Enumerable.MinBy) or nameof(Enumerable.MaxBy) => types[1],
            nameof(Enumerable.Min) or nameof(Enumerable.Max) => method.ReturnType,
            _ => null,
        };
        return compared == typeof(string);
    }

    private static bool IsConversionOfText(MethodInfo method) =>
        (method.ReturnType == typeof(string) && method.GetParameters() is [var value, ..] && IsFormatted(value.ParameterType))
        || (IsFormatted(method.ReturnType) && method.GetParameters() is [var text, ..] && text.ParameterType == typeof(string));

    /// <summary>Whether the text of a type's values differs by culture: numbers have signs and points, dates orders and names.</summary>
    private static bool IsFormatted(Type? type)
    {
        Type? plain = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return plain is { IsEnum: false } && plain != typeof(Enum) && plain != typeof(Guid) && plain != typeof(char) && plain != typeof(TimeSpan)
            && plain.IsAssignableTo(typeof(IFormattable)) && plain.Namespace == nameof(System);
    }
}
