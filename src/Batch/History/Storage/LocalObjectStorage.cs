using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Lambda.Batch.History.Storage;

/// <summary>Objects as files of a folder. What a call has written survives a crash of the process and of the machine.</summary>
internal sealed class LocalObjectStorage : IObjectStorage
{
    /// <summary>Files on their way to their names; they are no objects, and those that a crash left behind may be deleted.</summary>
    private const string TemporarySuffix = ".tmp~";

    private readonly string _root;

    public LocalObjectStorage(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        DurableFiles.CreateDirectory(_root);
    }

    public string Describe(string name) => PathOf(name);

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
        int lastSlash = prefix.LastIndexOf('/');
        DirectoryInfo folder = new(lastSlash < 0 ? _root : PathOf(prefix[..lastSlash]));
        if (!folder.Exists)
        {
            yield break;
        }

        foreach (FileInfo file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
            {
                yield return new StoredObject(name, file.Length);
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

        // The content is durable before the name exists, so that no crash leaves a name with half of it.
        string temporary = $"{path}.{Guid.NewGuid():N}{TemporarySuffix}";
        await WriteNewAsync(temporary, content, cancellationToken).ConfigureAwait(false);
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
        return path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"The name '{name}' leads out of the folder '{_root}'.", nameof(name));
    }
}
