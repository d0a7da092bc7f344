namespace Lambda.Log.Embedded;

/// <summary>Where an embedded log keeps its files and how much it takes at a time. Checked when the log is opened.</summary>
public sealed record EmbeddedLogOptions
{
    private const int LargestRecordLimit = (256 << 20) - 1;

    /// <summary>The folder of the log; it is created when missing and belongs to one process at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>The largest record, key and value together, in bytes. Larger ones are refused.</summary>
    public int MaxRecordBytes { get; init; } = 1 << 20;

    /// <summary>After how many bytes of records one synced write is not made any larger.</summary>
    public int MaxGroupBytes { get; init; } = 4 << 20;

    /// <summary>How many appends may wait for the disk before further callers have to wait for room.</summary>
    public int MaxPendingAppends { get; init; } = 1024;

    /// <summary>How many bytes of stored blocks are kept in memory for readers that lag behind.</summary>
    public long BlockCacheBytes { get; init; } = 32 << 20;

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new EventLogException($"The embedded log has no folder. Set {nameof(EmbeddedLogOptions)}.{nameof(Folder)}.");
        }

        CheckRange(nameof(MaxRecordBytes), MaxRecordBytes, LargestRecordLimit);
        CheckRange(nameof(MaxGroupBytes), MaxGroupBytes, int.MaxValue);
        CheckRange(nameof(MaxPendingAppends), MaxPendingAppends, int.MaxValue);
        CheckRange(nameof(BlockCacheBytes), BlockCacheBytes, long.MaxValue);
    }

    private static void CheckRange(string option, long value, long max)
    {
        if (value < 1 || value > max)
        {
            throw new EventLogException($"{nameof(EmbeddedLogOptions)}.{option} is {value}; it must be between 1 and {max}.");
        }
    }
}
