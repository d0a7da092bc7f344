using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>The database file in its folder: who may open it, how, and what a failure to open it means.</summary>
internal sealed class StoreFile : IDisposable
{
    private const string DatabaseName = "views.duckdb";
    private const string LockName = "views.lock";

    /// <summary>What the system says where it is not the file that is at fault. Who moved a good one away for a full disk would lose what it holds.</summary>
    private static readonly string[] OfSystem = ["No space left on device", "Disk quota exceeded", "Permission denied", "Read-only file system", "Too many open files"];

    private readonly FileStream _lock;
    private readonly string _connectionString;

    private StoreFile(EmbeddedStoreOptions options, FileStream @lock)
    {
        _lock = @lock;
        FullPath = Path.Combine(options.Folder, DatabaseName);
        _connectionString = new DuckDBConnectionStringBuilder
        {
            ["Data Source"] = FullPath,
            ["threads"] = options.Threads.ToString(),
            ["memory_limit"] = $"{options.MemoryLimitMegabytes}MB",

            // An ASOF join of what is taken for a few rows would compare each with each, and how many there are is often guessed far too low.
            ["asof_loop_join_threshold"] = "0",
            ["temp_directory"] = Path.Combine(options.Folder, "views.tmp"),
            ["autoinstall_known_extensions"] = "false",
            ["autoload_known_extensions"] = "false",

            // Checkpoints are made by a task of their own; a commit only makes one if that task has fallen far behind.
            ["wal_autocheckpoint"] = $"{options.CheckpointMegabytes * 16}MB",
        }.ConnectionString;
    }

    /// <summary>The path of the database file.</summary>
    public string FullPath { get; }

    /// <summary>The size of the write-ahead log in bytes.</summary>
    public long LogLength => new FileInfo(FullPath + ".wal") is { Exists: true } log ? log.Length : 0;

    /// <summary>Takes the folder for this store alone.</summary>
    /// <exception cref="ViewStoreException">The folder cannot be written, or another store has it.</exception>
    public static StoreFile Take(EmbeddedStoreOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.Folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(options.Folder, failure);
        }

        string path = Path.Combine(options.Folder, LockName);
        try
        {
            // DuckDB's own lock keeps other processes out but lets a second store of this process in, whose writes would not be serialised.
            return new StoreFile(options, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw NotWritable(options.Folder, failure);
        }
        catch (IOException failure)
        {
            throw new ViewStoreException(
                $"The folder '{options.Folder}' is in use: '{path}' cannot be locked ({failure.Message}). Stop the other process that has it "
                + "open, or choose another data folder.",
                failure);
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="ViewStoreException">The file cannot be opened.</exception>
    public DuckDBConnection Connect()
    {
        var connection = new DuckDBConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (DuckDBException failure)
        {
            connection.Dispose();
            throw Unreadable(failure);
        }
    }

    /// <summary>Says that the database cannot be opened.</summary>
    public ViewStoreException Unreadable(Exception failure)
    {
        if (failure.Message.Contains("Could not set lock on file", StringComparison.Ordinal))
        {
            return new ViewStoreException(
                $"'{FullPath}' is held by another process. Stop it, or choose another data folder. ({failure.Message})", failure);
        }

        if (Array.Exists(OfSystem, reason => failure.Message.Contains(reason, StringComparison.Ordinal)))
        {
            return new ViewStoreException(
                $"'{FullPath}' cannot be opened: {failure.Message} If the disk is full, make room; if the process lacks the right to read and write there, give it. Then start again.", failure);
        }

        return new ViewStoreException(
            $"'{FullPath}' cannot be opened as a view store: it is damaged, or written by an incompatible version. Restore the file and its "
            + $".wal from a copy, or move both away and let the views be computed again from the history and the log. ({failure.Message})",
            failure);
    }

    public void Dispose() => _lock.Dispose();

    private static ViewStoreException NotWritable(string folder, Exception failure) => new(
        $"The folder '{folder}' cannot be written ({failure.Message}). Give the process the right to write there, or choose another data folder.",
        failure);
}
