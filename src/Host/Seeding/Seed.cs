using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Seeding;

/// <summary>A file whose events are appended to a stream once.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="File">The file as it was declared.</param>
internal sealed record Seed(string Stream, string File)
{
    /// <summary>Where the file is.</summary>
    /// <exception cref="CommandException">It is nowhere.</exception>
    public string Locate()
    {
        // Set by the SDK for programs of one file, whose output folder is a temporary one.
        string? besideSource = AppContext.GetData("EntryPointFileDirectoryPath") as string;
        string[] candidates =
        [
            .. ((string?[])[AppContext.BaseDirectory, besideSource, Environment.CurrentDirectory])
                .OfType<string>().Select(folder => Path.GetFullPath(Path.Combine(folder, File))).Distinct(),
        ];
        return candidates.FirstOrDefault(System.IO.File.Exists) ?? throw new CommandException(
            $"Stream '{Stream}' is to begin with the events of '{File}', but there is no such file. It was looked for at: "
            + $"{string.Join(", ", candidates)}. Put it there, or have the build copy it to the output folder.");
    }
}
