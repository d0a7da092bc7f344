namespace Lambda.Jobs;

/// <summary>Starts and watches runs of the batch layer. The batch layer implements it; serving and the command line use it.</summary>
internal interface IBatchRuns
{
    /// <summary>Asks for a run over a stream, in the background. A stream has at most one run at a time; a further request waits for its turn.</summary>
    /// <returns>The run's id.</returns>
    /// <exception cref="NoBatchLayerException">This process does not run the batch layer.</exception>
    ValueTask<string> StartAsync(string stream, CancellationToken cancellationToken) => StartAsync(stream, BatchRunOrder.Usual, cancellationToken);

    /// <inheritdoc cref="StartAsync(string, CancellationToken)"/>
    /// <param name="stream">The stream.</param>
    /// <param name="order">What is asked of the run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<string> StartAsync(string stream, BatchRunOrder order, CancellationToken cancellationToken);

    /// <summary>Has an earlier generation that is still kept serve again, at once and in the caller's own time.</summary>
    /// <exception cref="NoBatchLayerException">This process does not run the batch layer.</exception>
    /// <exception cref="Store.ViewStoreException">The generation cannot serve again; the message says why.</exception>
    ValueTask RollBackAsync(string stream, long generation, CancellationToken cancellationToken);

    /// <summary>Asks a run to end: one that waits will not start, one at work stops soon and changes nothing. Nothing happens to one that has ended.</summary>
    /// <returns>Where the run stands; null when no such run is known.</returns>
    BatchRunStatus? Cancel(string runId);

    /// <summary>Where a run stands, with its log; null when no such run is known.</summary>
    BatchRunStatus? Find(string runId);

    /// <summary>The runs of a stream that are still known, newest first, without their logs.</summary>
    IReadOnlyList<BatchRunStatus> Recent(string stream, int limit);
}

/// <summary>Where a run of the batch layer stands.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Stream">The stream.</param>
/// <param name="State">Whether it waits, runs or has ended, and how.</param>
/// <param name="Step">What it is doing, in words, for example <c>reading history</c>.</param>
/// <param name="Progress">The share that is done, from 0 to 1.</param>
/// <param name="StartedAt">When it was begun, in UTC.</param>
/// <param name="EndedAt">When it ended, in UTC; null before.</param>
/// <param name="Generation">The generation it wrote; null before it has one.</param>
/// <param name="Message">How it ended, in a sentence; null before.</param>
internal sealed record BatchRunStatus(
    string RunId,
    string Stream,
    BatchRunState State,
    string Step,
    double Progress,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long? Generation,
    string? Message)
{
    /// <summary>What the run has done, oldest first; empty in a list of runs.</summary>
    public IReadOnlyList<RunLogLine> Log { get; init; } = [];

    /// <summary>How many events it read; null before it has ended.</summary>
    public long? Events { get; init; }

    /// <summary>In how many dates of the history they were; null before it has ended.</summary>
    public int? Dates { get; init; }

    /// <summary>The generation that it carried over; null when it computed everything, and before it has ended.</summary>
    public long? CarriedFrom { get; init; }

    /// <summary>What a run that was only to be looked at has found; null of others.</summary>
    public RunRehearsal? Rehearsal { get; init; }
}

/// <summary>A line in the log of a run.</summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Text">What was begun or has come out.</param>
internal sealed record RunLogLine(DateTimeOffset At, string Text);

/// <summary>What a publication would do.</summary>
/// <param name="Report">The audit of what would be published.</param>
/// <param name="Changed">How many windows that are served would change.</param>
/// <param name="Changes">The first of these, by view, window start and key.</param>
internal sealed record RunRehearsal(Store.AuditReport Report, int Changed, IReadOnlyList<Store.Correction> Changes);

/// <summary>Whether a run waits, runs or has ended, and how.</summary>
internal enum BatchRunState
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>It is at work.</summary>
    Running,

    /// <summary>It published a generation.</summary>
    Published,

    /// <summary>It was only to be looked at, and has ended; nothing has changed.</summary>
    Rehearsed,

    /// <summary>Its audit blocked the generation; what was published before serves on.</summary>
    Blocked,

    /// <summary>It ended with an error; what was published before serves on.</summary>
    Failed,

    /// <summary>Somebody ended it; what was published before serves on.</summary>
    Cancelled,
}
