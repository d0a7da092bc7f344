using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what changes in count windows. They have an order in place of a time, so that all are composed unless it is known from which on they can change.</summary>
/// <param name="view">The view.</param>
/// <param name="stored">Reads its partials.</param>
/// <param name="store">Where they are.</param>
internal sealed class CountCorrections(ViewDefinition view, StoredWindows stored, IBatchStore store)
{
    /// <summary>All changes.</summary>
    public async Task<IReadOnlyList<Correction>> FindAsync(ServedBefore served, GenerationDraft draft, Boundary boundary, CancellationToken cancellationToken)
    {
        if (served.From.Covers(boundary) && served.HasSame(draft, view, TimeWindow.All))
        {
            return [];
        }

        WindowLedger before = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(before, served.Generation?.Generation, cancellationToken).ConfigureAwait(false);
        await stored.AddSpeedAsync(before, served.From, boundary, cancellationToken).ConfigureAwait(false);
        WindowLedger after = new(view, view.CountingOnly());
        await stored.AddGenerationAsync(after, draft.Number, cancellationToken).ConfigureAwait(false);
        return [.. WindowChanges.Find(view, before.Compose(TimeWindow.All), after.Compose(TimeWindow.All), _ => true).Select(change => change.Correction)];
    }

    /// <summary>
    /// The changes by new partials. New events stand behind all others of their key and partition, so they change the last window that there was before and make those behind it, of
    /// what counts as of all events that were read: whole windows each, from which on windows are joined as if from the first.
    /// </summary>
    public async Task<IReadOnlyList<Correction>> FindAroundAsync(
        long before, long after, PartialBatch speed, PartialBatch added, CancellationToken cancellationToken)
    {
        PartialBatch from = new PartialBatch(view.Layout).With(added);
        foreach (PartialKind kind in (PartialKind[])[PartialKind.Kept, PartialKind.AsRead])
        {
            from.With(await store.ReadAroundAsync(view.Layout, before, kind, added, Nearness.Last, cancellationToken).ConfigureAwait(false));
        }

        var changes = WindowChanges.Find(
            view,
            await stored.ReadGenerationAroundAsync(before, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false),
            speed,
            await stored.ReadGenerationAroundAsync(after, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false),
            _ => true);
        return [.. changes.Select(change => change.Correction)];
    }
}
