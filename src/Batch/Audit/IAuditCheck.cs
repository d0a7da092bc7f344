using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Corrections;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>Checks of a generation that is not published.</summary>
internal interface IAuditCheck
{
    /// <summary>Runs them, beside other checks and while the generation is written.</summary>
    Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken);
}

/// <summary>What is audited.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Archive">What the generation was computed from.</param>
/// <param name="Boundary">The first offsets it does not cover.</param>
/// <param name="Generation">Its number.</param>
/// <param name="Computation">What was computed.</param>
/// <param name="Compared">Which events both layers are compared over.</param>
/// <param name="Speed">What the speed layer has computed.</param>
/// <param name="Changes">What its publication would change, when it is known: then all of the generation is written.</param>
/// <param name="Gaps">Offsets that the stream goes on without.</param>
/// <param name="Carried">What the generation was merged into; null when it was computed from everything.</param>
internal sealed record AuditSubject(
    BatchStream Stream,
    IArchiveSnapshot Archive,
    Boundary Boundary,
    long Generation,
    Computation Computation,
    ComparedEvents Compared,
    SpeedCoverage Speed,
    Task<RunChanges> Changes,
    AcceptedGaps Gaps,
    CarryOver? Carried)
{
    /// <summary>What was measured of rows that have not changed since; null when all are to be measured.</summary>
    public required KnownFigures? Known { get; init; }

    /// <summary>Whether there are events behind the boundary that the run's next generation takes.</summary>
    public bool HasMore { get; init; }

    /// <summary>Reads which events below the boundary count in nothing of the generation: all, which are many in a long history; waits until it is written.</summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<LogPosition>>> ReadRemoved { get; init; }

    /// <summary>Where the events begin that were computed: those before are of a generation that has passed its own audit.</summary>
    public Boundary From => Carried?.From.Boundary ?? Archive.Start;

    /// <summary>
    /// Files with events from a boundary on. Of those that do not tell their offsets by partition, offsets alone tell that poorly, as one partition may be far ahead of another; but
    /// the run has read the events, and knows which dates they are of.
    /// </summary>
    public FileSelection NewFiles(Boundary from) => new(new ArchiveRange(from, Boundary))
    {
        Dates = Computation.RowsByDate.Where(rows => rows.Value > 0).Select(rows => rows.Key).ToHashSet(),
    };

    /// <summary>What to say of the events before them, as a sentence to append; nothing when there are none.</summary>
    public string BeforeText => Carried is null
        ? ""
        : $" What lies below {From} was audited with generation {Carried.From.Generation} and the ones before it, and has not changed since.";
}

/// <summary>Events that both layers have read, and are compared over.</summary>
/// <param name="From">Where they begin; they end at the boundary.</param>
/// <param name="Computation">What was computed of them alone; null when they are all that the generation holds.</param>
internal sealed record ComparedEvents(Boundary From, Computation? Computation);
