using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Reads the count windows of two generations that new events may have changed. New events stand behind all others of their key and partition, so these are the last window
/// that there was before and those behind it, of what counts as of all events that were read: whole windows each, from which on windows are joined as if from the first.
/// </summary>
/// <param name="store">Where partials are.</param>
/// <param name="stored">Reads partials of the view.</param>
/// <param name="view">A view of count windows.</param>
internal sealed class FollowingCounts(IBatchStore store, StoredWindows stored, ViewDefinition view)
{
    /// <summary>What both have from these windows on, in the order of <see cref="AsReadPartials.Order"/>.</summary>
    /// <param name="before">The generation without the new events.</param>
    /// <param name="after">The one that has them.</param>
    /// <param name="added">The partials of new events, whatever became of them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Before, IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> After)>
        ReadAsync(long before, long after, PartialBatch added, CancellationToken cancellationToken)
    {
        PartialBatch from = new PartialBatch(view.Layout).With(added);
        foreach (PartialKind kind in (PartialKind[])[PartialKind.Kept, PartialKind.AsRead])
        {
            from.With(await store.ReadAroundAsync(view.Layout, before, kind, added, Nearness.Last, cancellationToken).ConfigureAwait(false));
        }

        return (
            await stored.ReadGenerationAroundAsync(before, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false),
            await stored.ReadGenerationAroundAsync(after, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false));
    }
}
