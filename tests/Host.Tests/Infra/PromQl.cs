using System.Text.RegularExpressions;

namespace Lambda.Host.Tests.Infra;

/// <summary>The names in a PromQL expression. It knows as much of the language as dashboard and alerts here need, and is not a parser.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "bool", "offset"];

    /// <summary>The series that an expression reads.</summary>
    public static IEnumerable<string> Series(string expression) => Name().Matches(Grouping().Replace(Selector().Replace(Quoted().Replace(expression, ""), ""), " "))
        .Where(name => !name.Groups["call"].Success).Select(name => name.Groups["name"].Value).Where(name => !Words.Contains(name)).Distinct();

    /// <summary>The labels that an expression selects, groups or joins by.</summary>
    public static IEnumerable<string> Labels(string expression)
    {
        string unquoted = Quoted().Replace(expression, "");
        return Selector().Matches(unquoted).Concat(Grouping().Matches(unquoted)).SelectMany(part => Word().Matches(part.Groups["labels"].Value))
            .Select(label => label.Value).Distinct();
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    /// <summary>Matchers in braces, and ranges in brackets, which have no labels.</summary>
    [GeneratedRegex(@"\{(?<labels>[^}]*)\}|\[[^\]]*\]")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b(?<name>[a-zA-Z_:][\w:]*)\b(?<call>\s*\()?")]
    private static partial Regex Name();

    [GeneratedRegex(@"[a-zA-Z_]\w*")]
    private static partial Regex Word();
}
