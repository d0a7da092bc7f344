namespace Lambda.Store;

/// <summary>What goes live with a generation.</summary>
/// <param name="Report">The audit, passed.</param>
/// <param name="Corrections">What changes in windows that were served before.</param>
/// <param name="Quarantine">Records that the batch layer refused; when they are many, the last of them (see <see cref="IBatchStore.QuarantineAsync"/>).</param>
internal sealed record Publication(
    AuditReport Report, IReadOnlyList<Correction> Corrections, IReadOnlyList<QuarantinedRecord> Quarantine)
{
    /// <summary>What a later run goes on from; null when none shall.</summary>
    public GenerationBasis? Basis { get; init; }
}
