using Lambda.Views;

namespace Lambda.Store;

/// <summary>What the serving layer needs of a store.</summary>
internal interface IServingStore : IStreamStore, IGapStore, IMetricStore
{
    /// <summary>Reads the partials that answer a query, and the state of the stream, as of one instant.</summary>
    ValueTask<ViewSnapshot> ReadViewAsync(ViewRead read, CancellationToken cancellationToken);

    /// <summary>The state of a stream, and how much of it the speed layer has computed for some of its views, as of one instant.</summary>
    ValueTask<StreamCoverage> ReadCoverageAsync(string stream, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken);

    /// <summary>The generations of a stream that are still known, newest first.</summary>
    ValueTask<IReadOnlyList<GenerationInfo>> ReadGenerationsAsync(string stream, int limit, CancellationToken cancellationToken);

    /// <summary>The audits of a stream, newest first.</summary>
    ValueTask<IReadOnlyList<AuditReport>> ReadAuditsAsync(string stream, int limit, CancellationToken cancellationToken);

    /// <summary>The audit of a generation; null when there was none.</summary>
    ValueTask<AuditReport?> FindAuditAsync(string stream, long generation, CancellationToken cancellationToken);

    /// <summary>What publications changed in a view's windows that overlap a range, newest publication first, then by window start and key.</summary>
    ValueTask<IReadOnlyList<PublishedCorrection>> ReadCorrectionsAsync(
        PartialLayout view, WindowRange range, int limit, CancellationToken cancellationToken);

    /// <summary>Quarantined records, newest append first; those of a stretch by offset, the highest first.</summary>
    ValueTask<QuarantinePage> ReadQuarantineAsync(string stream, QuarantineFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>One quarantined record; null when there is none at that position.</summary>
    ValueTask<QuarantinedRecord?> FindQuarantinedAsync(string stream, int partition, long offset, CancellationToken cancellationToken);

    /// <summary>A number that rises with every change of the store, for caches and live pages.</summary>
    long CommitSequence { get; }
}
