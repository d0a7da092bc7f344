namespace Lambda.Testing.Tests.Example;

public class DocumentationTests
{
    /// <summary>The documentation also names what is in reach here by the namespace and the project.</summary>
    [Theory]
    [InlineData("DepartureViews.cs", "")]
    [InlineData("DepartureViewTests.cs", "using Lambda.Testing;\nusing Xunit;\n")]
    public void The_example_of_the_documentation_is_the_one_that_is_compiled_and_run_here(string file, string inReach)
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Lambda.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
        }

        string code = File.ReadAllText(Path.Combine(root.FullName, "tests", "Testing.Tests", "Example", file))
            .Replace("\nnamespace Lambda.Testing.Tests.Example;\n", inReach, StringComparison.Ordinal);

        Assert.Contains($"```csharp\n{code}```", File.ReadAllText(Path.Combine(root.FullName, "docs", "testing.md")), StringComparison.Ordinal);
    }
}
