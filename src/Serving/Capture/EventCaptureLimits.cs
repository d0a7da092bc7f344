using System.Runtime.CompilerServices;

namespace Lambda.Capture;

/// <summary>How much a capture holds, sends at a time and waits. Values are checked when they are set.</summary>
public sealed record EventCaptureLimits
{
    /// <summary>How many events wait in memory at most; 65,536 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxBufferedEvents { get; init => field = AtLeast(1, value); } = 65_536;

    /// <summary>How many bytes of memory waiting events take at most; 64 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long MaxBufferedBytes { get; init => field = AtLeast(1, value); } = 64L << 20;

    /// <summary>
    /// The largest event, key and JSON together, in bytes; 256 KiB by default. It must not be above what the log takes, which would refuse such an event
    /// forever: 1 MiB, or 1 MB with Kafka, unless set otherwise.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxEventBytes { get; init => field = AtLeast(1, value); } = 256 << 10;

    /// <summary>How many events are sent at once at most; 16,384 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxBatchEvents { get; init => field = AtLeast(1, value); } = 16_384;

    /// <summary>How many bytes are sent at once at most, unless a single event is larger; 4 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxBatchBytes { get; init => field = AtLeast(1, value); } = 4 << 20;

    /// <summary>How long a first event waits for company before a batch that is not full is sent; 10 ms by default. May be zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or above a minute.</exception>
    public TimeSpan Linger { get; init => field = Between(TimeSpan.Zero, TimeSpan.FromMinutes(1), value); } = TimeSpan.FromMilliseconds(10);

    /// <summary>After how long a sink that does not answer counts as failed; 30 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 ms or above an hour.</exception>
    public TimeSpan SendTimeout { get; init => field = Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), value); } = TimeSpan.FromSeconds(30);

    /// <summary>With a spill folder: how long a sink may take over a batch before events that come in go to disk; 1 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or above an hour.</exception>
    public TimeSpan SpillAfter { get; init => field = Between(TimeSpan.Zero, TimeSpan.FromHours(1), value); } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a capture waits after a first failure of its sink; 100 ms by default. Each further one doubles it, up to <see cref="MaxRetryDelay"/>; every wait is
    /// shortened by up to a half at random, so that many processes do not come back at one moment.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 ms or above an hour.</exception>
    public TimeSpan RetryDelay { get; init => field = Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), value); } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a capture waits between attempts at most; 10 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 ms or above an hour.</exception>
    public TimeSpan MaxRetryDelay { get; init => field = Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), value); } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a stopping application tries to send what is left; 3 s by default. What is left then is spilled, or dropped if there is no spill folder.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or above an hour.</exception>
    public TimeSpan FlushTimeout { get; init => field = Between(TimeSpan.Zero, TimeSpan.FromHours(1), value); } = TimeSpan.FromSeconds(3);

    private static int AtLeast(int least, int value, [CallerMemberName] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} or more.");

    private static long AtLeast(long least, long value, [CallerMemberName] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} or more.");

    private static TimeSpan Between(TimeSpan least, TimeSpan most, TimeSpan value, [CallerMemberName] string name = "") =>
        value >= least && value <= most ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}.");
}
