using Xunit;

namespace Lambda.TestSupport;

/// <summary>Tables that the reference implementations wrote, when this machine has them.</summary>
public static class LakeFixtures
{
    private const string Variable = "LAMBDA_LAKE_FIXTURES";

    /// <summary>The folder of the Delta tables; skips the test when there is none.</summary>
    public static string DeltaFolder() => Path.Combine(Folder(), "delta");

    /// <summary>The folder with one for each format; skips the test when there is none.</summary>
    public static string Folder()
    {
        string folder = Find();
        if (!Directory.Exists(folder))
        {
            string reason = $"There are no reference tables in '{folder}'. Name their folder in {Variable}.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1", reason);
            Assert.Fail(reason);
        }

        return folder;
    }

    /// <summary>The tables, as <c>delta/rewritten</c>; none when there are none here.</summary>
    public static IEnumerable<string> Tables() => Directory.Exists(Find())
        ? Directory.EnumerateFiles(Find(), "*.expected.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Find(), file).Replace(".expected.json", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        : [];

    private static string Find() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
        ? given
        : Path.GetFullPath(Repository.PathOf("..", "shared", "fixtures", "lake"));
}
