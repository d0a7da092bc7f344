namespace Lambda.Speed;

/// <summary>How the speed layer works. Validated when it is made.</summary>
public sealed record SpeedOptions
{
    /// <summary>Timers of .NET take at most 2^32 − 2 milliseconds, which are 49.7 days.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(49);

    /// <summary>The defaults.</summary>
    public static readonly SpeedOptions Default = new();

    /// <summary>
    /// How long results of events may wait before they are committed; 100 ms by default. While a commit is under way they wait for it. While the layer is
    /// behind the log by more than ten times this, they wait for a tenth of how far it is behind, and at most ten times this.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan CommitInterval { get; init => field = Wait(value, nameof(CommitInterval)); } = TimeSpan.FromMilliseconds(100);

    /// <summary>After how many events a commit is made although the interval has not passed; 65,536 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxEventsPerCommit
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxEventsPerCommit), value, "Give 1 or more.");
    } = 65_536;

    /// <summary>After how long an epoch ends at the latest; 10 minutes by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public TimeSpan EpochInterval { get; init => field = Positive(value, nameof(EpochInterval)); } = TimeSpan.FromMinutes(10);

    /// <summary>How many bytes of accumulators and keys a partition keeps in memory before its epoch ends; 128 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 MiB.</exception>
    public long MaxEpochBytes
    {
        get;
        init => field = value >= 1 << 20
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxEpochBytes), value, "Give 1 MiB (1048576) or more.");
    } = 128L << 20;

    /// <summary>How often a partition without new events looks whether the batch layer waits for its epoch to end; 200 ms by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan SealPollInterval { get; init => field = Wait(value, nameof(SealPollInterval)); } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a process looks in the store what replays there are; 1 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan ReplayPollInterval { get; init => field = Wait(value, nameof(ReplayPollInterval)); } = TimeSpan.FromSeconds(1);

    /// <summary>How long a partition rests after an error of the log or the store before it starts again from the store; 1 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan RestartDelay { get; init => field = Wait(value, nameof(RestartDelay)); } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For how long the oldest record that is not committed may have been waiting for the layer to count as ready; 1 minute by default. So a process that
    /// starts far behind the log is ready once it has caught up.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public TimeSpan MaxReadyLag { get; init => field = Positive(value, nameof(MaxReadyLag)); } = TimeSpan.FromMinutes(1);

    /// <summary>How often the log is asked where partitions end, for the gauges of lag; 5 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan LagSampleInterval { get; init => field = Wait(value, nameof(LagSampleInterval)); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a partition that another process has claimed, although the group leaves it with this one, is watched before it is claimed again: twice this
    /// passes without a commit while there are records to compute or an epoch to seal. Give more than a process may be paused without losing its partitions;
    /// 30 s by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan TakeBackDelay { get; init => field = Wait(value, nameof(TakeBackDelay)); } = TimeSpan.FromSeconds(30);

    private static TimeSpan Wait(TimeSpan value, string name) =>
        Positive(value, name) <= LongestWait ? value : throw new ArgumentOutOfRangeException(name, value, "Give 49 days or less.");

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(name, value, "Give more than zero.");
}
