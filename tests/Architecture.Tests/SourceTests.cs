using System.Text.RegularExpressions;
using Xunit;

namespace Lambda.Architecture.Tests;

public partial class SourceTests
{
    private const int MostLines = 450;

    [Fact]
    public void No_source_file_of_the_product_is_long()
    {
        var longFiles = Repository.SourceFiles("*.cs", "src")
            .Select(file => (Name: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines >= MostLines)
            .Select(file => $"{file.Name} has {file.Lines} lines; split it below {MostLines}.");

        Findings.MustBeNone(longFiles);
    }

    [Fact]
    public void No_source_leaves_work_for_later() => Findings.MustBeNone(Sources().SelectMany(Leftovers));

    // The words are put together here so that this file does not find itself.
    [Theory]
    [InlineData("// TO" + "DO: later")]
    [InlineData("/* FIX" + "ME */")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    public void Work_left_for_later_is_found(string line) => Assert.Matches(LeftoverPattern(), line);

    [Theory]
    [InlineData("var todoList = Load();")]
    [InlineData("throw new NotSupportedException();")]
    public void Finished_work_is_left_alone(string line) => Assert.DoesNotMatch(LeftoverPattern(), line);

    [Fact]
    public void Sources_are_found_at_all() => Assert.Contains(Sources(), file => file.EndsWith("SourceTests.cs", StringComparison.Ordinal));

    private static IEnumerable<string> Sources() =>
        new[] { "*.cs", "*.js", "*.html", "*.css", "*.sh" }.SelectMany(pattern => Repository.SourceFiles(pattern, "src", "samples", "tests", "bench"));

    private static IEnumerable<string> Leftovers(string file) =>
        File.ReadLines(file)
            .Select((text, index) => (Text: text, Number: index + 1))
            .Where(line => LeftoverPattern().IsMatch(line.Text))
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}({line.Number}): {line.Text.Trim()}");

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|NotImplemented[E]xception)\b")]
    private static partial Regex LeftoverPattern();
}
