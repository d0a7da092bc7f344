using Lambda.Store;

namespace Lambda.Batch.Deletion;

/// <summary>What a deletion did, or would do.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Mode">Whether events were deleted or only counted.</param>
/// <param name="Events">By date of their event times, in UTC, how many events match.</param>
/// <param name="Files">How many files of the history were written anew without them, or removed.</param>
/// <param name="Quarantined">How many refused records among them were kept for inspection, and are gone too.</param>
/// <param name="Below">By partition, the first offset that was not looked at.</param>
internal sealed record DeletionResult(
    string Stream, DeletionMode Mode, IReadOnlyDictionary<DateOnly, long> Events, int Files, int Quarantined, Boundary Below);
