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

    /// <summary>The order that <c>dotnet format</c> gives them; the compiler, which sees to all other rules of style, says nothing of it.</summary>
    [Fact]
    public void Usings_are_in_order() => Findings.MustBeNone(Repository.SourceFiles("*.cs", "src", "samples", "tests", "bench")
        .Select(file => (Name: Path.GetRelativePath(Repository.Root, file), Disorder: FirstOutOfOrder(File.ReadLines(file))))
        .Where(file => file.Disorder is not null)
        .Select(file => $"{file.Name}: 'using {file.Disorder};' stands behind one that comes after it; System's come first, then the alphabet. "
            + "`dotnet format Lambda.sln` puts them right."));

    [Theory]
    [InlineData("System.Text", "Lambda.Views", "Lambda.Time")]
    [InlineData("System.Text", "Lambda.Views.Keys", "Lambda.Views")]
    [InlineData("Xunit", "System")]
    public void Usings_out_of_order_are_found(params string[] names) => Assert.Equal(names[^1], FirstOutOfOrder(names.Select(name => $"using {name};")));

    [Theory]
    [InlineData("System", "System.Text", "Lambda.Events", "Lambda.Views", "Lambda.Views.Keys", "Lambda.ViewsOfOthers")]
    public void Usings_in_order_are_left_alone(params string[] names) => Assert.Null(FirstOutOfOrder(names.Select(name => $"using {name};")));

    [Fact]
    public void Sources_are_found_at_all() => Assert.Contains(Sources(), file => file.EndsWith("SourceTests.cs", StringComparison.Ordinal));

    private static IEnumerable<string> Sources() =>
        new[] { "*.cs", "*.js", "*.html", "*.css", "*.sh" }.SelectMany(pattern => Repository.SourceFiles(pattern, "src", "samples", "tests", "bench"));

    private static string? FirstOutOfOrder(IEnumerable<string> lines)
    {
        string[] names = [.. lines.Select(line => UsingPattern().Match(line)).Where(found => found.Success).Select(found => found.Groups[1].Value)];
        return names.Zip(names.Skip(1)).FirstOrDefault(pair => string.CompareOrdinal(Place(pair.First), Place(pair.Second)) > 0).Second;
    }

    /// <summary>What sorts as the using of a namespace is to: a namespace before those within it, and before names that only begin alike.</summary>
    private static string Place(string name) =>
        (name.Split('.')[0] == "System" ? "0 " : "1 ") + name.ToUpperInvariant().Replace('.', ' ');

    private static IEnumerable<string> Leftovers(string file) =>
        File.ReadLines(file)
            .Select((text, index) => (Text: text, Number: index + 1))
            .Where(line => LeftoverPattern().IsMatch(line.Text))
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}({line.Number}): {line.Text.Trim()}");

    [GeneratedRegex(@"^using ([\w.]+);$")]
    private static partial Regex UsingPattern();

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|NotImplemented[E]xception)\b")]
    private static partial Regex LeftoverPattern();
}
