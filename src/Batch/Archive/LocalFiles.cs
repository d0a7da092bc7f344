using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Archive;

/// <summary>
/// Objects as files of this machine, for programs that read files only. Those of a storage that lies on it are read where they are; others are copied to a
/// folder of their own, which disposing removes.
/// </summary>
internal sealed class LocalFiles : IDisposable
{
    /// <summary>How much is asked of a storage at once, to which every read may be a request.</summary>
    private const int CopyBytes = 4 << 20;

    private string? _copies;

    private LocalFiles()
    {
    }

    /// <summary>Where the files are, in the order of the names.</summary>
    public IReadOnlyList<string> Paths { get; private set; } = [];

    /// <summary>Finds or copies files of a table.</summary>
    /// <exception cref="HistoryException">One is missing, or is not whole.</exception>
    /// <exception cref="IOException">The storage failed.</exception>
    public static async Task<LocalFiles> OpenAsync(IObjectStorage storage, string table, IEnumerable<AddFile> content, CancellationToken cancellationToken)
    {
        LocalFiles files = new();
        try
        {
            List<string> paths = [];
            foreach (AddFile file in content)
            {
                string name = $"{table}/{DeltaPaths.Decode(file.Path)}";
                string path = storage.FindFile(name) ?? await files.CopyAsync(storage, name, paths.Count, cancellationToken).ConfigureAwait(false);
                RequireWhole(storage.Describe(name), new FileInfo(path), file.Size);
                paths.Add(path);
            }

            files.Paths = paths;
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_copies is { } folder)
        {
            Directory.Delete(folder, recursive: true);
            _copies = null;
        }
    }

    /// <summary>What reads it would speak of the copy, and not know that it is the storage's or the history's.</summary>
    private static void RequireWhole(string name, FileInfo file, long size)
    {
        if (file.Exists && file.Length != size)
        {
            throw new HistoryException(
                $"'{name}' is part of the history and has {file.Length} bytes instead of {size}. Try again; if it stays so, restore the file from a copy.");
        }
    }

    private async Task<string> CopyAsync(IObjectStorage storage, string name, int number, CancellationToken cancellationToken)
    {
        await using Stream content = await storage.OpenReadAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new HistoryException($"'{storage.Describe(name)}' is part of the history and does not exist. Restore it from a copy.");
        _copies ??= Directory.CreateTempSubdirectory("lambda-history-").FullName;
        string path = Path.Combine(_copies, $"{number}.parquet");
        await using FileStream copy = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await content.CopyToAsync(copy, CopyBytes, cancellationToken).ConfigureAwait(false);
        return path;
    }
}
