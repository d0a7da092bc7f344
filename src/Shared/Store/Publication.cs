namespace Lambda.Store;

/// <summary>What goes live with a generation.</summary>
/// <param name="Report">The audit, passed.</param>
/// <param name="Corrections">What changes in windows that were served before.</param>
internal sealed record Publication(AuditReport Report, IReadOnlyList<Correction> Corrections)
{
    /// <summary>What a later run goes on from; null when none shall.</summary>
    public GenerationBasis? Basis { get; init; }
}
