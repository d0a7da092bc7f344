namespace Lambda.Batch;

/// <summary>How the batch layer works. Validated when it is made; schedules, and what depends on the streams, when the host starts.</summary>
public sealed record BatchOptions
{
    /// <summary>Timers of .NET take at most 2^32 − 2 milliseconds, which are 49.7 days.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(49);

    /// <summary>The defaults.</summary>
    public static readonly BatchOptions Default = new();

    /// <summary>When each stream is recomputed, as a cron expression of five fields in UTC; every five minutes by default.</summary>
    public string RecomputeSchedule { get; init => field = NotBlank(value, nameof(RecomputeSchedule)); } = "*/5 * * * *";

    /// <summary>When each stream's log is archived, as a cron expression in UTC; every minute by default.</summary>
    public string ArchiveSchedule { get; init => field = NotBlank(value, nameof(ArchiveSchedule)); } = "* * * * *";

    /// <summary>When what is no longer needed is removed, as a cron expression in UTC; every hour by default.</summary>
    public string ExpireSchedule { get; init => field = NotBlank(value, nameof(ExpireSchedule)); } = "23 * * * *";

    /// <summary>When small files of each stream's history are put together, as a cron expression in UTC; every hour by default.</summary>
    public string CompactSchedule { get; init => field = NotBlank(value, nameof(CompactSchedule)); } = "37 * * * *";

    /// <summary>When files that no version of a history needs are deleted, as a cron expression in UTC; every night by default.</summary>
    public string VacuumSchedule { get; init => field = NotBlank(value, nameof(VacuumSchedule)); } = "47 2 * * *";

    /// <summary>The size that compaction gives the files of a history, about; 64 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 MiB or more than 512 MiB.</exception>
    public long HistoryFileBytes
    {
        get;
        init => field = value is >= 1L << 20 and <= 512L << 20 ? value : throw Wrong(nameof(HistoryFileBytes), value, "Give 1048576 to 536870912 bytes.");
    } = 64L << 20;

    /// <summary>
    /// For how long an older version of a history can be read, by a run that has pinned it or by its number or time; seven days by default. Files that were
    /// replaced are deleted when they have been for this long, but for those that a generation which is kept was computed from.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than an hour, in which a writer may be at work on files that no version has yet, or more than 30 days.</exception>
    public TimeSpan HistoryRetention
    {
        get;
        init => field = value >= TimeSpan.FromHours(1) && value <= TimeSpan.FromDays(30)
            ? value
            : throw Wrong(nameof(HistoryRetention), value, "Give 1h to 30d.");
    } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long superseded generations and speed results stay, so that layers can be compared; seven days by default. A host starts only if this is at least
    /// as long as windows take late events: a stream's out-of-orderness, a view's allowed lateness and the gap of its sessions together.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero.</exception>
    public TimeSpan CompareRetention
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw Wrong(nameof(CompareRetention), value, "Give zero or more.");
    } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long records stay in the log once they are archived and computed by the speed layer; null, the default, keeps all of them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero.</exception>
    public TimeSpan? LogRetention
    {
        get;
        init => field = value is null || value >= TimeSpan.Zero ? value : throw Wrong(nameof(LogRetention), value, "Give zero or more, or null.");
    }

    /// <summary>For how long a run takes a stream's lease, which it renews while it works; 30 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than a second or more than 49 days.</exception>
    public TimeSpan LeaseDuration
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= LongestWait ? value : throw Wrong(nameof(LeaseDuration), value, "Give 1s to 49d.");
    } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run that waits for another one of its stream sleeps between looks; 1 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, or more than 49 days.</exception>
    public TimeSpan LeasePollInterval
    {
        get;
        init => field = value > TimeSpan.Zero && value <= LongestWait ? value : throw Wrong(nameof(LeasePollInterval), value, "Give more than zero and 49d or less.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a run waits for the speed layer to seal its open epochs; 10 s by default. Zero suits a process without a speed layer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero.</exception>
    public TimeSpan SealTimeout
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw Wrong(nameof(SealTimeout), value, "Give zero or more.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>How many dates of a history are computed at once, and how many batches of partials are written at once meanwhile; 2 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or more than 1,024, of which each would have memory of its own.</exception>
    public int Workers
    {
        get;
        init => field = value is >= 1 and <= 1_024 ? value : throw Wrong(nameof(Workers), value, "Give 1 to 1024.");
    } = 2;

    /// <summary>
    /// How many bytes the partials of a run and the events that count in nothing may take in memory before it stops, about; 4 GiB by default, and up to as much again while those of several
    /// workers are merged. A run over everything writes those that no event to come can change while it reads on, so that few are in memory, whatever the
    /// history. Views that count events hold those before which others may still come: few, where the log is about in the order of event time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long MaxPartialBytes
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(MaxPartialBytes), value, "Give 1 or more.");
    } = 4L << 30;

    /// <summary>
    /// How many new events a generation takes over those of the one before, about; 2,000,000 by default. A run that finds more publishes several generations, one
    /// after the other, so that memory does not grow with how long the batch layer was away. The end of an epoch is never passed over for it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long MaxNewEvents
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(MaxNewEvents), value, "Give 1 or more.");
    } = 2_000_000;

    /// <summary>
    /// How many partials a run over everything writes together, about. Stores take many at once better than few often; each worker has about as many of each view
    /// in memory twice.
    /// </summary>
    internal int SettledRows { get; init; } = 122_880;

    /// <summary>
    /// Up to how many partials a run over new events exchanges at once. The embedded store lets nobody else write meanwhile: that is some tens of milliseconds for as many.
    /// </summary>
    internal int ExchangedRows { get; init; } = 32_768;

    /// <summary>How many dates of a history checks of the data read by one query at most, where what they measure of some dates and of others adds up.</summary>
    internal int AuditedDates { get; init; } = 512;

    /// <summary>
    /// How many events of a history one part of a run reads, about; 5,000,000 by default. A run that has more to read, over a history that all batch processes
    /// see and with jobs that they share, is cut into parts that all of them take. A date is never cut.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long PartEvents
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(PartEvents), value, "Give 1 or more.");
    } = 5_000_000;

    /// <summary>
    /// Windows of the new generation are compared with what was served, and with the speed layer's, in pieces of time with so many events each, about; 400,000 by
    /// default, of which each takes some hundred bytes. Fewer have the store asked more often. A date is never cut. Windows of a count are compared in pieces of keys; a key is never cut.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long ComparedEvents
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(ComparedEvents), value, "Give 1 or more.");
    } = 400_000;

    /// <summary>How many corrections of a publication are in memory at a time: so many are published with its generation, and others written to it before.</summary>
    internal int KeptCorrections { get; init; } = 10_000;

    /// <summary>
    /// In how many pieces of keys windows of a count are compared at most, as each has the store go through all of them. Of longer histories the pieces are larger than
    /// <see cref="ComparedEvents"/>.
    /// </summary>
    internal int MostKeyPieces { get; init; } = 64;

    /// <summary>How many records one append to the history takes at most, give or take a read of the log; 1,000,000 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int ArchiveRunRecords
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(ArchiveRunRecords), value, "Give 1 or more.");
    } = 1_000_000;

    /// <summary>How many bytes of records one append to the history takes at most, give or take a read of the log; 256 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or more than 1 GiB: texts of one append lie in arrays that take no 2 GB, as does a file of it.</exception>
    public long ArchiveRunBytes
    {
        get;
        init => field = value is >= 1 and <= 1L << 30 ? value : throw Wrong(nameof(ArchiveRunBytes), value, "Give 1 to 1073741824 bytes.");
    } = 256L << 20;

    private static string NotBlank(string value, string name) => !string.IsNullOrWhiteSpace(value)
        ? value
        : throw new ArgumentException("Give a cron expression, such as \"*/5 * * * *\".", name);

    private static ArgumentOutOfRangeException Wrong(string name, object? value, string remedy) => new(name, value, remedy);
}
