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
    /// <summary>Up to how many partials are exchanged at once. The embedded store lets nobody else write meanwhile: that is some tens of milliseconds for as many.</summary>
    private const int MostAtOnce = 32_768;

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

    /// <summary>Takes out what partials take the place of, and writes others there.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="touched">The partials.</param>
    /// <param name="replace">Tells what is written in the place of what was taken out.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask ExchangeAsync(
        PartialKind kind, PartialBatch touched, Func<PartialBatch, PartialBatch> replace, CancellationToken cancellationToken)
    {
        if (touched.Count > MostAtOnce)
        {
            PartialBatch written = replace(await TakeAsync(kind, touched, cancellationToken).ConfigureAwait(false));
            await WriteAsync(kind, written, cancellationToken).ConfigureAwait(false);
            return;
        }

        (PartialBatch Taken, PartialBatch Written)? exchanged = null;
        await store.ExchangeCarriedAsync(
            lease,
            number,
            kind,
            touched,
            taken =>
            {
                PartialBatch written = replace(taken);
                exchanged = (taken, written);
                return written;
            },
            cancellationToken).ConfigureAwait(false);
        if (exchanged is { } done)
        {
            contents?.Remove(kind, done.Taken);
            contents?.Add(kind, done.Written);
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
