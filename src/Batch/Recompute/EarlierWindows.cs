using Lambda.Batch.Recompute.Contents;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Windows of a view that follow the order of events, of keys with removed events, that were written before any of these events were met. They are the same as read,
/// and a generation holds all windows of such a key as read.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="draft">The generation. It has all windows that count, and all others as read.</param>
/// <param name="view">The view.</param>
internal sealed class EarlierWindows(IBatchStore store, GenerationDraft draft, ViewDefinition view)
{
    /// <summary>For how many keys windows are looked for at once: a store goes through all of the generation for them.</summary>
    private const int KeysAtOnce = 100_000;

    /// <summary>Writes them as read.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async Task WriteAsync(PartialKeys keys, CancellationToken cancellationToken)
    {
        foreach (PartialBatch some in keys.ToBatches(KeysAtOnce))
        {
            PartialBatch kept = await ReadAsync(PartialKind.Kept, some, cancellationToken).ConfigureAwait(false);
            PartialBatch earlier = Of(view, kept, await ReadAsync(PartialKind.AsRead, some, cancellationToken).ConfigureAwait(false));
            if (earlier.Count > 0)
            {
                await draft.WriteAsync(PartialKind.AsRead, earlier, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Those that count and lie before the first one as read of their key in their partition; all where there is none.</summary>
    internal static PartialBatch Of(ViewDefinition view, PartialBatch kept, PartialBatch asRead)
    {
        GroupKeyTable keys = new(view.Keys, new StringDictionary());
        Dictionary<(int Key, int Partition), long> firsts = [];
        for (int row = 0; row < asRead.Count; row++)
        {
            EventPosition first = asRead.Positions![row];
            (int, int) place = (keys.FindOrAdd(asRead, row), first.Partition);
            firsts[place] = Math.Min(first.Offset, firsts.GetValueOrDefault(place, long.MaxValue));
        }

        PartialBatch earlier = new(view.Layout);
        for (int row = 0; row < kept.Count; row++)
        {
            EventPosition first = kept.Positions![row];
            if (first.Offset < firsts.GetValueOrDefault((keys.FindOrAdd(kept, row), first.Partition), long.MaxValue))
            {
                earlier.AddFrom(kept, row);
            }
        }

        return earlier;
    }

    private ValueTask<PartialBatch> ReadAsync(PartialKind kind, PartialBatch keys, CancellationToken cancellationToken) =>
        store.ReadAroundAsync(view.Layout, draft.Number, kind, keys, Nearness.OfKey, cancellationToken);
}
