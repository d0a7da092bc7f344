using Lambda.Capture.Spilling;
using Lambda.Capture.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture.Sending;

/// <summary>
/// The disk that events are spilled to, as it may fail. Reading and writing fail each for itself, as a full disk still gives what it has; that one of them does is
/// logged once, and so is that both work again.
/// </summary>
/// <param name="stream">The stream whose events they are.</param>
/// <param name="settings">Where they go; null when nothing is spilled.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed class SpillDisk(string stream, SpillSettings? settings, TimeProvider time, ILogger logger)
{
    /// <summary>After how long a disk that failed is tried again.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Where events go; null when nothing is spilled.</summary>
    public SpillSettings? Settings => settings;

    public DiskUse Reads { get; } = new();

    public DiskUse Writes { get; } = new();

    /// <summary>Why it could not be used the last time; null since it could.</summary>
    public string? Error => Writes.Error ?? Reads.Error;

    /// <summary>Does something on disk. When that fails, it is tried again later, and what was not done is still in memory.</summary>
    /// <param name="use">What for.</param>
    /// <param name="action">Returns whether the disk was used, and did its work.</param>
    public void Use(DiskUse use, Func<bool> action)
    {
        try
        {
            if (action())
            {
                Works(use);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (Error is null)
            {
                logger.SpillFails(stream, settings!.Folder, error.Message);
            }

            use.Error = error.Message;
            use.Retry = Task.Delay(RetryDelay, time, CancellationToken.None);
        }
    }

    /// <summary>Notes that a use of it need not fail any more.</summary>
    public void Works(DiskUse use)
    {
        bool failed = use.Error is not null;
        use.Error = null;
        if (failed && Error is null)
        {
            logger.SpillRecovered(stream, settings!.Folder);
        }
    }
}

/// <summary>What the disk is used for, and how that went the last time.</summary>
internal sealed class DiskUse
{
    /// <summary>Why it failed; null since it did not.</summary>
    public string? Error { get; set; }

    /// <summary>Ends when it may be tried again.</summary>
    public Task? Retry { get; set; }

    public bool HasToWait => Retry is { IsCompleted: false };
}
