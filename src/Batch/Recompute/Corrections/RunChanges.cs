using Lambda.Store;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>What a publication changes in windows that were served.</summary>
/// <param name="Count">In how many windows.</param>
/// <param name="First">The corrections, by view, start and key: all if they are few, else some. Of a run that publishes, the others are written to its generation.</param>
/// <param name="UnexplainedCount">How many have no reason.</param>
/// <param name="Unexplained">These: all if they are few, else some.</param>
/// <param name="OtherDays">The days of those that are not there.</param>
internal sealed record RunChanges(
    int Count, IReadOnlyList<Correction> First, int UnexplainedCount, IReadOnlyList<Correction> Unexplained, IReadOnlySet<UnexplainedDays> OtherDays);
