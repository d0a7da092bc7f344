namespace Lambda.Hosting.Data;

/// <summary>Writes small files so that a reader, or a crash, sees the old content or the new one and nothing between.</summary>
internal static class AtomicFile
{
    private const string Unfinished = ".new";

    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, content, new FileStreamOptions());

    /// <summary>The same, for what nobody but this user may read.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        FileStreamOptions options = new();
        if (!OperatingSystem.IsWindows())
        {
            // A file that a crash has left behind would keep its mode.
            File.Delete(path + Unfinished);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        Write(path, content, options);
    }

    private static void Write(string path, ReadOnlySpan<byte> content, FileStreamOptions options)
    {
        string written = path + Unfinished;
        (options.Mode, options.Access, options.Share) = (FileMode.Create, FileAccess.Write, FileShare.None);
        using (FileStream file = new(written, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(written, path, overwrite: true);
    }
}
