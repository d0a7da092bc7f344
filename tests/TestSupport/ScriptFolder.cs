namespace Lambda.TestSupport;

/// <summary>Folders with scripts that start and stop a server for tests.</summary>
internal static class ScriptFolder
{
    /// <summary>The folder <c>../shared/NAME</c> beside the repository, or that which the environment names; null when neither has the script.</summary>
    /// <param name="name">The name of the folder.</param>
    /// <param name="variable">The variable of the environment.</param>
    /// <param name="script">The script.</param>
    public static string? Find(string name, string variable, string script)
    {
        List<string> places = [];
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lambda.sln")))
            {
                places.Add(Path.Combine(folder.FullName, "..", "shared", name));
            }
        }

        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } home)
        {
            places.Add(home);
        }

        return places.Find(place => File.Exists(Path.Combine(place, script)));
    }
}
