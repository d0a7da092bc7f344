using Lambda.Jobs;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>How a run ended.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Generation">The generation it wrote; for <see cref="RunOutcome.UpToDate"/> the one that serves; null when there is none.</param>
/// <param name="Report">The audit; null when nothing was computed.</param>
/// <param name="Rows">How many events were read.</param>
/// <param name="Corrections">How many windows changed.</param>
/// <param name="Message">In a sentence.</param>
internal sealed record RunResult(RunOutcome Outcome, long? Generation, AuditReport? Report, long Rows, int Corrections, string Message)
{
    /// <summary>How many dates of the history were read.</summary>
    public int Dates { get; init; }

    /// <summary>The generation that was carried over; null when everything was computed.</summary>
    public long? CarriedFrom { get; init; }

    /// <summary>What the publication has changed, or would have: some of the changes where they are many; of several generations the last one's.</summary>
    public IReadOnlyList<Correction> Changes { get; init; } = [];

    /// <summary>How many generations were made, one after the other.</summary>
    public int Generations { get; init; } = 1;

    /// <summary>How a run ended that had published a generation before this one.</summary>
    public RunResult After(RunResult earlier) => this with
    {
        Rows = earlier.Rows + Rows,
        Corrections = earlier.Corrections + Corrections,
        Dates = Math.Max(earlier.Dates, Dates),
        CarriedFrom = CarriedFrom is null ? null : earlier.CarriedFrom,
        Generations = earlier.Generations + 1,
    };
}

/// <summary>How a run ended.</summary>
internal enum RunOutcome
{
    /// <summary>The generation went live.</summary>
    Published,

    /// <summary>The audit blocked it; what was published before serves on.</summary>
    Blocked,

    /// <summary>It was computed and audited, but only to be looked at.</summary>
    Rehearsed,

    /// <summary>There was nothing that the last run had not judged already.</summary>
    UpToDate,

    /// <summary>Another run holds the stream.</summary>
    Busy,
}

/// <summary>What is asked of a run.</summary>
/// <param name="WhenBusy">What to do while another run holds the stream.</param>
/// <param name="WhenUnchanged">What to do when nothing was archived since the last run of this process ended.</param>
internal sealed record RunRequest(WhenBusy WhenBusy, WhenUnchanged WhenUnchanged)
{
    /// <summary>What is read, and what becomes of the generation.</summary>
    public BatchRunOrder Order { get; init; } = BatchRunOrder.Usual;

    /// <summary>Somebody asked for a run and wants one.</summary>
    public static readonly RunRequest OnDemand = new(WhenBusy.Wait, WhenUnchanged.Recompute);

    /// <summary>The schedule asks; another time will come.</summary>
    public static readonly RunRequest Scheduled = new(WhenBusy.End, WhenUnchanged.End);
}

/// <summary>What a run does while another one holds the stream.</summary>
internal enum WhenBusy
{
    /// <summary>Wait for its turn.</summary>
    Wait,

    /// <summary>End.</summary>
    End,
}

/// <summary>What a run does when there is nothing new.</summary>
internal enum WhenUnchanged
{
    /// <summary>Compute all the same.</summary>
    Recompute,

    /// <summary>End.</summary>
    End,
}
