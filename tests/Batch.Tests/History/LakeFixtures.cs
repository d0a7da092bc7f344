namespace Lambda.Batch.Tests.History;

/// <summary>Delta tables that the reference implementation wrote, when this machine has them.</summary>
internal static class LakeFixtures
{
    private const string Variable = "LAMBDA_LAKE_FIXTURES";

    /// <summary>Their folder; skips the test when there is none.</summary>
    public static string DeltaFolder()
    {
        string folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
            ? given
            : Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "fixtures", "lake"));
        string delta = Path.Combine(folder, "delta");
        if (!Directory.Exists(delta))
        {
            string reason = $"There are no reference tables in '{delta}'. Name their folder in {Variable}.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") != "1", reason);
            Assert.Fail(reason);
        }

        return delta;
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lambda.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run from within the repository.");
    }
}
