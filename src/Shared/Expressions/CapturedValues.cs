using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Lambda.Expressions;

/// <summary>
/// Whether captured objects of one text compute the same, which is not so when an object does more than its text tells: views would take over from each other what is
/// different in each.
/// </summary>
internal static class CapturedValues
{
    /// <summary>Whether a value that writes itself writes all that it is, which another's type need not.</summary>
    public static bool IsTold(IFormattable value) => value is Enum || IsOfPlatform(value.GetType());

    /// <summary>Whether a culture is as its name says; what is made of one can be changed.</summary>
    public static bool IsTold(CultureInfo culture) => culture.IsReadOnly;

    /// <summary>Whether a zone has the rules that its name stands for; what an application makes has any.</summary>
    public static bool IsTold(TimeZoneInfo zone) => TimeZoneInfo.TryFindSystemTimeZoneById(zone.Id, out TimeZoneInfo? known) && known.HasSameRules(zone);

    /// <summary>Whether a sequence is no more than its members and their order. A lookup has keys besides, and is no list.</summary>
    public static bool IsTold(IEnumerable sequence) => sequence is IList && IsOfPlatform(sequence.GetType());

    /// <summary>Whether a set or dictionary finds its members by what they are: one that ignores case has others in it, too.</summary>
    public static bool IsToldByMembers(IEnumerable members)
    {
        Type type = members.GetType();
        PropertyInfo[] comparers = [.. type.GetProperties().Where(property => property.Name.EndsWith("Comparer", StringComparison.Ordinal))];
        return IsOfPlatform(type) && comparers.Length > 0 && comparers.All(property => IsUsual(property.GetValue(members), property.PropertyType));
    }

    private static bool IsUsual(object? comparer, Type declared)
    {
        if (comparer is null || comparer.Equals(StringComparer.Ordinal))
        {
            return comparer is not null;
        }

        Type? usual = !declared.IsGenericType ? null
            : declared.GetGenericTypeDefinition() == typeof(IEqualityComparer<>) ? typeof(EqualityComparer<>)
            : declared.GetGenericTypeDefinition() == typeof(IComparer<>) ? typeof(Comparer<>)
            : null;
        return comparer.Equals(usual?.MakeGenericType(declared.GenericTypeArguments).GetProperty("Default")!.GetValue(null));
    }

    private static bool IsOfPlatform(Type type) =>
        type.IsArray || type.Namespace is { } space && (space == nameof(System) || space.StartsWith("System.", StringComparison.Ordinal));
}
