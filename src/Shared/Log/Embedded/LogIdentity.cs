namespace Lambda.Log.Embedded;

/// <summary>What tells one log from another, and a copy of a folder from none: made with the folder, and never changed.</summary>
internal static class LogIdentity
{
    private const string FileName = "identity";

    /// <summary>The identity of the log in a folder, which gets one when it has none.</summary>
    /// <exception cref="EventLogException">The file holds something else.</exception>
    public static Guid Of(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Write(path);
        }

        return Guid.TryParse(File.ReadAllText(path).AsSpan().Trim(), out Guid identity) ? identity : throw new EventLogException(
            $"The file '{path}' does not hold the identity of a log. Restore it from a backup. If there is none, delete it: the log gets a new identity, and a store "
            + "in PostgreSQL takes it for another log.");
    }

    // Whole or not at all, whenever the process or the machine ends.
    private static void Write(string path)
    {
        string draft = path + ".new";
        using (FileStream file = new(draft, FileMode.Create, FileAccess.Write))
        using (StreamWriter writer = new(file))
        {
            writer.Write(Guid.NewGuid());
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }
}
