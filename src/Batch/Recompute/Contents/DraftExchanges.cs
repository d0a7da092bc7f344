using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>
/// What is exchanged of a generation that is being written: few partials together with others, as each transaction is a wait for the disk, and many by themselves. Not safe for use
/// by several threads at once.
/// </summary>
internal sealed class DraftExchanges(GenerationDraft draft)
{
    /// <summary>Up to how many partials are exchanged at once. The embedded store lets nobody else write meanwhile: that is some tens of milliseconds for as many.</summary>
    private const int MostAtOnce = 32_768;

    private readonly List<CarriedExchange> _waiting = [];
    private int _touched;

    /// <summary>Exchanges partials, now or with those that come next.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask AddAsync(CarriedExchange exchange, CancellationToken cancellationToken)
    {
        (PartialKind kind, PartialBatch touched, Func<PartialBatch, PartialBatch> replace) = exchange;
        if (touched.Count > MostAtOnce)
        {
            PartialBatch written = replace(await draft.TakeAsync(kind, touched, cancellationToken).ConfigureAwait(false));
            await draft.WriteAsync(kind, written, cancellationToken).ConfigureAwait(false);
        }
        else if (touched.Count > 0)
        {
            if (_touched + touched.Count > MostAtOnce)
            {
                await CompleteAsync(cancellationToken).ConfigureAwait(false);
            }

            _waiting.Add(exchange);
            _touched += touched.Count;
        }
    }

    /// <summary>Exchanges what waits.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count > 0)
        {
            await draft.ExchangeAsync(_waiting, cancellationToken).ConfigureAwait(false);
            _waiting.Clear();
            _touched = 0;
        }
    }
}
