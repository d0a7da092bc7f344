namespace Lambda.Store.Embedded;

/// <summary>Where the embedded store keeps its data and what it may use of the machine.</summary>
public sealed record EmbeddedStoreOptions
{
    private readonly string _folder = "";
    private readonly int _threads = 1;
    private readonly int _memoryLimitMegabytes = 256;
    private readonly int _maxReaders = 4;
    private readonly int _checkpointMegabytes = 32;

    /// <summary>The folder that holds everything, created when it is missing. Nothing outside of it is written.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public required string Folder
    {
        get => _folder;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            _folder = Path.GetFullPath(value);
        }
    }

    /// <summary>
    /// How many threads one query or checkpoint may use. Default 1: statements run side by side, each on a thread of whoever asks, and the store shares the process
    /// with the layers. With more a statement that waits for its helpers keeps a core busy by asking whether they are done.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below one.</exception>
    public int Threads
    {
        get => _threads;
        init => _threads = AtLeast(value, 1);
    }

    /// <summary>How much memory the database may hold, in megabytes; what does not fit is spilled into the folder. Default 256: most of it are blocks of the file that were read or
    /// written last, which the system's own cache has as well.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 64.</exception>
    public int MemoryLimitMegabytes
    {
        get => _memoryLimitMegabytes;
        init => _memoryLimitMegabytes = AtLeast(value, 64);
    }

    /// <summary>How many reads run at a time; more wait. Default 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below one.</exception>
    public int MaxReaders
    {
        get => _maxReaders;
        init => _maxReaders = AtLeast(value, 1);
    }

    /// <summary>From which size on, in megabytes, the write-ahead log is folded into the database file in the background. Default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below one.</exception>
    public int CheckpointMegabytes
    {
        get => _checkpointMegabytes;
        init => _checkpointMegabytes = AtLeast(value, 1);
    }

    private static int AtLeast(int value, int minimum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, minimum);
        return value;
    }
}
