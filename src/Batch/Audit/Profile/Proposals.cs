using System.Globalization;
using Lambda.Events;
using Lambda.Events.Json;

namespace Lambda.Batch.Audit.Profile;

/// <summary>Checks as lines of C#, to be pasted into a stream's declaration and then judged by a person.</summary>
internal static class Proposals
{
    /// <summary>There are at least half as many rows.</summary>
    public static string RowCount(long rows) => Line($"RowCount(atLeast: {Text($"{Math.Max(1, rows / 2)}")})");

    /// <summary>About as many rows have a value; a share is rounded down to whole percent.</summary>
    public static string Completeness(EventMember member, double nullShare) =>
        Line($"Completeness({Selector(member)}, atLeast: {Text($"{(nullShare == 0 ? 1 : Math.Floor((1 - nullShare) * 100) / 100)}")})");

    /// <summary>Values do not repeat.</summary>
    public static string Uniqueness(EventMember member) => Line($"Uniqueness({Selector(member)})");

    /// <summary>Numbers lie in a range.</summary>
    public static string Range(EventMember member, string minimum, string maximum)
    {
        string suffix = member.Type == ColumnType.Decimal ? "m" : "";
        return Line($"Range({Selector(member)}, {minimum}{suffix}, {maximum}{suffix})");
    }

    /// <summary>Values are some.</summary>
    public static string AllowedValues(EventMember member, IEnumerable<string> values) =>
        Line($"AllowedValues({Selector(member)}, {string.Join(", ", values.Order(StringComparer.Ordinal).Select(Literal))})");

    /// <summary>Values match an expression.</summary>
    public static string Pattern(EventMember member, string pattern) => Line($"Pattern({Selector(member)}, {Literal(pattern)})");

    private static string Line(string check) => $".Expect(e => e.{check})";

    // What JSON escapes C# reads likewise, line separators included.
    private static string Literal(string text) => ReadableJson.Write(text);

    private static string Selector(EventMember member) => $"f => f.{Path(member)}";

    private static string Path(EventMember member) => member.Parent is { } parent
        ? $"{Path(parent)}{(!parent.IsNullable ? "" : parent.ClrType.IsValueType ? ".Value" : "!")}.{member.Name}"
        : member.Name;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
