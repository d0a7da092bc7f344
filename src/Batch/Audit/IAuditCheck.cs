using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>Checks of a generation that is written but not published.</summary>
internal interface IAuditCheck
{
    /// <summary>Runs them.</summary>
    Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken);
}

/// <summary>What is audited.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Archive">What the generation was computed from.</param>
/// <param name="Boundary">The first offsets it does not cover.</param>
/// <param name="Generation">Its number.</param>
/// <param name="Computation">What was computed.</param>
/// <param name="Speed">What the speed layer has computed.</param>
/// <param name="Corrections">What its publication would change.</param>
/// <param name="Gaps">Offsets that the stream goes on without.</param>
internal sealed record AuditSubject(
    BatchStream Stream,
    IArchiveSnapshot Archive,
    Boundary Boundary,
    long Generation,
    Computation Computation,
    SpeedCoverage Speed,
    IReadOnlyList<Correction> Corrections,
    AcceptedGaps Gaps);
