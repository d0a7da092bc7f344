using System.Text.RegularExpressions;
using Xunit;

namespace Lambda.Architecture.Tests;

/// <summary>What a guide shows is compiled somewhere: each block of C# stands, line by line, in a test or a sample.</summary>
public partial class DocumentationTests
{
    private static readonly string[] HeldWordForWord = ["aggregates.md", "capture.md", "events.md", "windows.md"];

    [Fact]
    public void Each_example_is_compiled_code()
    {
        List<string> sources = [.. Repository.SourceFiles("*.cs", "tests", "samples").Select(File.ReadAllText).Select(Normalise)];

        Findings.MustBeNone(
            from file in Guides()
            from block in Examples(File.ReadAllText(file))
            where !sources.Exists(source => source.Contains(Normalise(block), StringComparison.Ordinal))
            select $"{Path.GetRelativePath(Repository.Root, file)} shows code that no test or sample holds: {block.TrimStart().Split('\n')[0]}");
    }

    [Fact]
    public void Examples_are_found_at_all() => Assert.Contains(Guides(), file => Examples(File.ReadAllText(file)).Any());

    [Fact]
    public void Indentation_and_empty_lines_make_no_difference_and_anything_else_does()
    {
        Assert.Equal(Normalise("a\n    b();\n"), Normalise("\r\n        a\r\n\r\n        b();"));
        Assert.NotEqual(Normalise("a\nb();"), Normalise("a\nb(1);"));
    }

    private static IEnumerable<string> Guides() => HeldWordForWord.Select(page => Repository.PathOf(Path.Combine("docs", page)));

    private static IEnumerable<string> Examples(string page) => CodeBlock().Matches(page).Select(match => match.Groups[1].Value);

    private static string Normalise(string code) =>
        "\n" + string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)) + "\n";

    [GeneratedRegex("^```csharp\\s*\\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();
}
