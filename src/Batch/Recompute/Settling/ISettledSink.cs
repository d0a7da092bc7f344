using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Takes partials that nothing can be added to any more. Safe for use by several threads at once.</summary>
internal interface ISettledSink
{
    /// <summary>An empty batch to fill for a view, by its place in the plan.</summary>
    PartialBatch Rent(int view);

    /// <summary>Takes partials of a kind and a view; the batch is the sink's from then on. Waits while it has more than it can do with.</summary>
    ValueTask TakeAsync(PartialKind kind, int view, PartialBatch partials, CancellationToken cancellationToken);
}
