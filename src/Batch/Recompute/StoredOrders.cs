using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>Reads the windows that the store has of a view whose windows follow the order of events, some keys at a time.</summary>
/// <param name="stored">Reads partials of the view.</param>
/// <param name="view">The view.</param>
/// <param name="partials">How many partials are composed at once, about, if all keys have as many.</param>
internal sealed class StoredOrders(StoredWindows stored, ViewDefinition view, long partials)
{
    /// <summary>Reads what the speed layer has between two boundaries, and what generations have.</summary>
    /// <param name="epochs">Between which boundaries the speed layer's epochs lie.</param>
    /// <param name="generations">Of which generations; null for one that has nothing.</param>
    /// <param name="events">How many events there are, about.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<IEnumerable<StoredPart>> ReadAsync(
        (Boundary From, Boundary To) epochs, IReadOnlyList<long?> generations, long events, CancellationToken cancellationToken)
    {
        KeyParts parts = new(view, StoredPart.SourcesOf(generations.Count), (int)Math.Clamp((events / partials) + 1, 1, 1024));
        await foreach (PartialBatch batch in stored.StreamSpeedAsync(epochs.From, epochs.To, cancellationToken).ConfigureAwait(false))
        {
            parts.Add(0, batch);
        }


        for (int place = 0; place < generations.Count; place++)
        {
            await foreach ((PartialKind kind, PartialBatch batch) in stored.StreamGenerationAsync(generations[place], WindowRange.All, cancellationToken).ConfigureAwait(false))
            {
                parts.Add(StoredPart.SourceOf(place, kind), batch);
            }
        }

        return parts.Take().Select(StoredPart.Of);
    }
}
