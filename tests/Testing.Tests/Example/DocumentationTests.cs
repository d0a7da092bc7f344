namespace Lambda.Testing.Tests.Example;

public class DocumentationTests
{
    [Theory]
    [InlineData("DepartureViews.cs")]
    [InlineData("DepartureViewTests.cs")]
    public void The_example_of_the_documentation_is_the_one_that_is_compiled_and_run_here(string file)
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Lambda.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
        }

        string code = File.ReadAllText(Path.Combine(root.FullName, "tests", "Testing.Tests", "Example", file))
            .Replace("namespace Lambda.Testing.Tests.Example;\n\n", "", StringComparison.Ordinal);

        Assert.Contains($"```csharp\n{code}```", File.ReadAllText(Path.Combine(root.FullName, "docs", "testing.md")), StringComparison.Ordinal);
    }
}
