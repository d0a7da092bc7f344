using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>The folder of an open log: a lock file that keeps other processes out, the store, and the mark of what was acknowledged.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly FileStream _lock;

    private LogFolder(string path, Guid identity, FileStream folderLock, RocksStore store, AcknowledgedMark mark)
    {
        Path = path;
        Identity = identity;
        _lock = folderLock;
        Store = store;
        Mark = mark;
    }

    public string Path { get; }

    public Guid Identity { get; }

    public RocksStore Store { get; }

    public AcknowledgedMark Mark { get; }

    /// <exception cref="EventLogException">The folder cannot be used, or does not hold all that was acknowledged.</exception>
    public static LogFolder Open(EmbeddedLogOptions options)
    {
        string path = System.IO.Path.GetFullPath(options.Folder);
        FileStream? folderLock = null;
        AcknowledgedMark? mark = null;
        try
        {
            Directory.CreateDirectory(path);
            folderLock = Lock(path);
            mark = AcknowledgedMark.Open(System.IO.Path.Combine(path, "acknowledged"));
            Guid identity = LogIdentity.Of(path);
            RocksStore store = OpenStore(path, options, mark.Sequence);
            return new LogFolder(path, identity, folderLock, store, mark);
        }
        catch (Exception e)
        {
            mark?.Dispose();
            folderLock?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new EventLogException(
                    $"The log folder '{path}' cannot be created or written: {e.Message} Give this process's user write access to it, or "
                    + "choose another folder.",
                    e);
            }

            throw;
        }
    }

    public void Dispose()
    {
        Store.Dispose();
        Mark.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        string file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw InUse(path, e);
        }
    }

    private static RocksStore OpenStore(string path, EmbeddedLogOptions options, ulong acknowledged)
    {
        string folder = System.IO.Path.Combine(path, "store");
        try
        {
            if (acknowledged > 0)
            {
                // Opening for writing drops what cannot be recovered, so what would be dropped has to be known before.
                CheckComplete(path, acknowledged, StoreExists(folder) ? RocksStore.RecoverableSequence(folder, options) : 0);
            }

            return RocksStore.Open(folder, options);
        }
        catch (RocksDbException e) when (e.Message.Contains("lock", StringComparison.OrdinalIgnoreCase))
        {
            throw InUse(path, e);
        }
        catch (RocksDbException e)
        {
            throw new EventLogException(
                $"The log folder '{path}' cannot be opened: {e.Message} Nothing in it has been changed. If a file is damaged, restore the "
                + "folder from a backup; if the disk is full or not writable, put that right; then start again.",
                e);
        }
    }

    private static bool StoreExists(string folder) => File.Exists(System.IO.Path.Combine(folder, "CURRENT"));

    private static void CheckComplete(string path, ulong acknowledged, ulong recoverable)
    {
        if (recoverable < acknowledged)
        {
            throw new EventLogException(
                $"The log folder '{path}' has lost acknowledged records: writes up to number {acknowledged} were confirmed, but only those up to "
                + $"{recoverable} can be read back, because a file in '{System.IO.Path.Combine(path, "store")}' is damaged, cut short or missing. "
                + "Nothing in it has been changed. Restore the folder from a backup; or, to go on without the lost records, delete the file "
                + "'acknowledged' in it and start again.");
        }
    }

    private static EventLogException InUse(string path, Exception cause) => new(
        $"The log folder '{path}' is in use by another process: {cause.Message} Stop that process, or choose another folder.",
        cause);
}
