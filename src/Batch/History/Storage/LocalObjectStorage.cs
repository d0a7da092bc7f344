using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Batch.History.Storage;

/// <summary>Objects as files of a folder. What a call has written survives a crash of the process and of the machine.</summary>
internal sealed class LocalObjectStorage : IObjectStorage
{
    /// <summary>Files on their way to their names; they are no objects, and those that a crash left behind may be deleted.</summary>
    private const string TemporarySuffix = ".tmp~";

    private const int DeletionAttempts = 3;

    private readonly string _root;

    /// <exception cref="HistoryException">The folder is missing and cannot be made.</exception>
    public LocalObjectStorage(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            DurableFiles.CreateDirectory(_root);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new HistoryException(
                $"The folder '{_root}' of the histories cannot be made ({failure.Message}). Give the process the right to write there, or choose another folder: the setting "
                + "'History', or --data where that is not set.",
                failure);
        }
    }

    public string Describe(string name) => PathOf(name);

    public string? FindFile(string name) => File.Exists(PathOf(name)) ? PathOf(name) : null;

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(name), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Readers ask for whole column chunks, so a buffer in between would only copy.
            return Task.FromResult<Stream?>(new FileStream(
                PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((string name, FileInfo file) in FilesUnder(prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!name.EndsWith(TemporarySuffix, StringComparison.Ordinal) && Describe(name, file) is { } found)
            {
                yield return found;
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        if (File.Exists(path))
        {
            return false;
        }

        string temporary = await WriteTemporaryAsync(path, content, cancellationToken).ConfigureAwait(false);
        bool won = DurableFiles.MoveToNewName(temporary, path);
        DurableFiles.FlushDirectory(Path.GetDirectoryName(path)!);
        return won;
    }

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        await WriteNewAsync(path, content, cancellationToken).ConfigureAwait(false);
        DurableFiles.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        string temporary = await WriteTemporaryAsync(path, content, cancellationToken).ConfigureAwait(false);
        File.Move(temporary, path, overwrite: true);
        DurableFiles.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    public Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int removed = 0;
        foreach ((string name, FileInfo file) in FilesUnder(prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.EndsWith(TemporarySuffix, StringComparison.Ordinal) && file.LastWriteTimeUtc < before.UtcDateTime)
            {
                file.Delete();
                removed++;
            }
        }

        return Task.FromResult(removed);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
            DurableFiles.FlushDirectory(Path.GetDirectoryName(path)!);
        }

        return Task.CompletedTask;
    }

    public Task DeleteAllAsync(string folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.TrimEndingDirectorySeparator(PathOf(folder));
        for (int attempt = 0; Directory.Exists(path) && attempt < DeletionAttempts; attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another process deletes it too.
            }
            catch (IOException) when (attempt < DeletionAttempts - 1)
            {
                // A file came while others went.
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The files whose names begin with a prefix, those on their way to their names included.</summary>
    private IEnumerable<(string Name, FileInfo File)> FilesUnder(string prefix)
    {
        int lastSlash = prefix.LastIndexOf('/');
        DirectoryInfo folder = new(lastSlash < 0 ? _root : PathOf(prefix[..lastSlash]));
        return folder.Exists
            ? folder.EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(file => (Name: Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), File: file))
                .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))
            : [];
    }

    /// <summary>Null for a file that was deleted after its name was listed.</summary>
    private static StoredObject? Describe(string name, FileInfo file)
    {
        try
        {
            return new StoredObject(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes the content durable before its name exists, so that no crash leaves a name with half of it.</summary>
    private static async Task<string> WriteTemporaryAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{TemporarySuffix}";
        await WriteNewAsync(temporary, content, cancellationToken).ConfigureAwait(false);
        return temporary;
    }

    private static async Task WriteNewAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        DurableFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        try
        {
            await RandomAccess.WriteAsync(file, content, fileOffset: 0, cancellationToken).ConfigureAwait(false);
            RandomAccess.FlushToDisk(file);
        }
        catch
        {
            // Half a file under a name that nobody knows is only litter.
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Names come out of table logs too, so one that leads out of the folder is refused.</summary>
    private string PathOf(string name)
    {
        string path = Path.GetFullPath(Path.Join(_root, name));
        string within = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        return path.StartsWith(within, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"The name '{name}' leads out of the folder '{_root}'.", nameof(name));
    }
}
