namespace Lambda.Batch.ForeignTables;

/// <summary>A table's folder. What its metadata names is looked for in it and nowhere else.</summary>
/// <param name="path">The folder.</param>
/// <param name="format">The format, for messages.</param>
internal sealed class TableFolder(string path, string format)
{
    /// <summary>The folder, without a separator at its end.</summary>
    public string Path { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    /// <summary>Format and folder, as messages name the table.</summary>
    public string Name => $"{format} table '{Path}'";

    /// <summary>The place of a file.</summary>
    /// <param name="relative">Its name within the folder.</param>
    /// <param name="kind">What it is to the table, for messages.</param>
    /// <exception cref="ForeignTableException">It is not there, or would lie outside.</exception>
    public string Find(string relative, string kind)
    {
        string found = System.IO.Path.GetFullPath(System.IO.Path.Join(Path, relative));
        string within = System.IO.Path.EndsInDirectorySeparator(Path) ? Path : Path + System.IO.Path.DirectorySeparatorChar;
        if (!found.StartsWith(within, StringComparison.Ordinal))
        {
            throw Refuse($"names the {kind} '{relative}', which lies outside of its folder. Copy the table whole");
        }

        return File.Exists(found) ? found : throw Refuse($"names the {kind} '{found}', which is not there. Restore it from a copy, or read another version");
    }

    /// <summary>The content of a file.</summary>
    /// <exception cref="ForeignTableException">It is not there, would lie outside, or cannot be read.</exception>
    public async Task<byte[]> ReadAsync(string relative, string kind, CancellationToken cancellationToken)
    {
        string found = Find(relative, kind);
        try
        {
            return await File.ReadAllBytesAsync(found, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"has the {kind} '{found}', which cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>An error of this table.</summary>
    /// <param name="why">What is wrong, as the rest of a sentence, and what to do.</param>
    /// <param name="cause">What it was found by.</param>
    public ForeignTableException Refuse(string why, Exception? cause = null) => new($"The {Name} {why}.", cause);

    /// <summary>The refusal of what the format allows and this program does not read.</summary>
    /// <param name="what">What the table has.</param>
    /// <param name="remedy">What to do.</param>
    public ForeignTableException Unsupported(string what, string remedy) => new($"The {Name} has {what}. That is not supported. {remedy}");
}
