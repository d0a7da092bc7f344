using System.Runtime.CompilerServices;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Reads the windows that the store has of a view whose windows follow the order of events, some keys at a time: windows of one key have nothing to do with those of another. So
/// what is in memory follows the size of a piece.
/// </summary>
/// <param name="stored">Reads partials of the view.</param>
/// <param name="view">The view.</param>
/// <param name="options">How much is compared at once.</param>
internal sealed class StoredOrders(StoredWindows stored, ViewDefinition view, BatchOptions options)
{
    /// <summary>Reads what the speed layer has between two boundaries, and what generations have.</summary>
    /// <param name="epochs">Between which boundaries the speed layer's epochs lie.</param>
    /// <param name="generations">Of which generations; null for one that has nothing.</param>
    /// <param name="events">How many events there are, about.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Parts of all keys, each of which is valid until the next one.</returns>
    public async IAsyncEnumerable<StoredPart> ReadAsync(
        (Boundary From, Boundary To) epochs, IReadOnlyList<long?> generations, long events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PartialBatch[] sources = [.. Enumerable.Range(0, StoredPart.SourcesOf(generations.Count)).Select(_ => new PartialBatch(view.Layout))];
        foreach (KeyPiece keys in KeyPiece.Of((int)Math.Clamp((events / options.ComparedEvents) + 1, 1, options.MostKeyPieces)))
        {
            await foreach (PartialBatch batch in stored.StreamSpeedAsync(epochs.From, epochs.To, keys, cancellationToken).ConfigureAwait(false))
            {
                sources[0].With(batch);
            }

            for (int place = 0; place < generations.Count; place++)
            {
                await foreach ((PartialKind kind, PartialBatch batch) in stored.StreamGenerationAsync(generations[place], WindowRange.All, keys, cancellationToken).ConfigureAwait(false))
                {
                    sources[StoredPart.SourceOf(place, kind)].With(batch);
                }
            }

            yield return StoredPart.Of(sources);

            // Buffers stay, as the next piece is about as large.
            foreach (PartialBatch source in sources)
            {
                source.Clear();
            }
        }
    }
}
