using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>A generation that is begun and not published, and what it holds by now. Safe for use by several threads at once.</summary>
/// <param name="store">Where it is.</param>
/// <param name="lease">The stream's lease.</param>
/// <param name="number">Its number.</param>
/// <param name="contents">What it begins with; null when that is not known, because the generation that it has carried over tells nothing of it.</param>
internal sealed class GenerationDraft(IBatchStore store, BatchLease lease, long number, GenerationContents? contents)
{
    public long Number => number;

    /// <summary>What it holds; null when that is not known.</summary>
    public GenerationContents? Contents => contents;

    /// <summary>Writes partials.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask WriteAsync(PartialKind kind, PartialBatch partials, CancellationToken cancellationToken)
    {
        await store.WriteGenerationAsync(lease, number, kind, partials, cancellationToken).ConfigureAwait(false);
        contents?.Add(kind, partials);
    }

    /// <summary>Takes out what partials take the place of and writes others there, all at once.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask ExchangeAsync(IReadOnlyList<CarriedExchange> exchanges, CancellationToken cancellationToken)
    {
        (PartialBatch Taken, PartialBatch Written)[] exchanged = new (PartialBatch, PartialBatch)[exchanges.Count];
        await store.ExchangeCarriedAsync(
            lease,
            number,
            [.. exchanges.Select((exchange, i) => exchange with
            {
                Replace = taken =>
                {
                    exchanged[i] = (taken, exchange.Replace(taken));
                    return exchanged[i].Written;
                },
            })],
            cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < exchanges.Count; i++)
        {
            contents?.Remove(exchanges[i].Kind, exchanged[i].Taken);
            contents?.Add(exchanges[i].Kind, exchanged[i].Written);
        }
    }

    /// <summary>Takes out what partials take the place of (see <see cref="IBatchStore.TakeCarriedAsync"/>).</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask<PartialBatch> TakeAsync(PartialKind kind, PartialBatch touched, CancellationToken cancellationToken)
    {
        PartialBatch taken = await store.TakeCarriedAsync(lease, number, kind, touched, cancellationToken).ConfigureAwait(false);
        contents?.Remove(kind, taken);
        return taken;
    }
}
