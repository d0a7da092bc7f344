using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what changes in count windows: those of keys are composed that have not the same before and after, or, of new events, from where on they can change.</summary>
/// <param name="view">The view.</param>
/// <param name="stored">Reads its partials.</param>
/// <param name="store">Where they are.</param>
internal sealed class CountCorrections(ViewDefinition view, StoredWindows stored, IBatchStore store)
{
    /// <summary>Finds all changes, some keys at a time.</summary>
    /// <param name="orders">Reads all.</param>
    /// <param name="served">What is served.</param>
    /// <param name="draft">The generation to be published.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="events">How many events it was computed of.</param>
    /// <param name="found">Takes them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FindAsync(
        StoredOrders orders, ServedBefore served, GenerationDraft draft, Boundary boundary, long events, ViewCorrections found, CancellationToken cancellationToken)
    {
        if (served.From.Covers(boundary) && served.HasSame(draft, view, TimeWindow.All))
        {
            return;
        }

        IAsyncEnumerable<StoredPart> parts = orders.ReadAsync((served.From, boundary), [served.Generation?.Generation, draft.Number], events, cancellationToken);
        await foreach (StoredPart part in parts.ConfigureAwait(false))
        {
            await found.AddAsync(Compare(part.Generations[0], part.Speed, part.Generations[1]), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The changes by new partials. New events stand behind all others of their key and partition, so they change the last window that there was before and make those behind it, of
    /// what counts as of all events that were read: whole windows each, from which on windows are joined as if from the first.
    /// </summary>
    public async Task<IReadOnlyList<(WindowAddress Window, Correction Correction)>> FindAroundAsync(
        long before, long after, PartialBatch speed, PartialBatch added, CancellationToken cancellationToken)
    {
        PartialBatch from = new PartialBatch(view.Layout).With(added);
        foreach (PartialKind kind in (PartialKind[])[PartialKind.Kept, PartialKind.AsRead])
        {
            from.With(await store.ReadAroundAsync(view.Layout, before, kind, added, Nearness.Last, cancellationToken).ConfigureAwait(false));
        }

        return WindowChanges.Find(
            view,
            await stored.ReadGenerationAroundAsync(before, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false),
            speed,
            await stored.ReadGenerationAroundAsync(after, from, Nearness.FromThereOn, cancellationToken).ConfigureAwait(false),
            _ => true);
    }

    /// <summary>Composes only windows of keys that have not the same ones before and after.</summary>
    private List<(WindowAddress Window, Correction Correction)> Compare(
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after)
    {
        CountComparison comparison = new(view);
        comparison.Add(ComparedSide.One, speed);
        before.AddTo(comparison.Add, ComparedSide.One);
        after.AddTo(comparison.Add, ComparedSide.Other);

        PartialKeys changed = comparison.FindDifferent();
        return changed.Count == 0 ? [] : WindowChanges.Find(view, before.Among(changed.Among), changed.Among(speed), after.Among(changed.Among), _ => true);
    }
}
