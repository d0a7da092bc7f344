using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>
/// What is exchanged of a generation that is being written: few partials together with others, as each transaction is a wait for the disk, and many by themselves. Safe for use by several
/// threads at once.
/// </summary>
/// <param name="draft">The generation.</param>
/// <param name="most">Up to how many partials are exchanged at once.</param>
internal sealed class DraftExchanges(GenerationDraft draft, int most)
{
    private readonly Lock _lock = new();
    private List<CarriedExchange> _waiting = [];
    private int _touched;

    /// <summary>Exchanges partials, now or with those that come next.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask AddAsync(CarriedExchange exchange, CancellationToken cancellationToken)
    {
        (PartialKind kind, PartialBatch touched, Func<PartialBatch, PartialBatch> replace) = exchange;
        if (touched.Count > most)
        {
            PartialBatch written = replace(await draft.TakeAsync(kind, touched, cancellationToken).ConfigureAwait(false));
            await draft.WriteAsync(kind, written, cancellationToken).ConfigureAwait(false);
        }
        else if (touched.Count > 0)
        {
            await ExchangeAsync(Add(exchange), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Exchanges what waits.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        List<CarriedExchange> waiting;
        lock (_lock)
        {
            waiting = TakeWaiting();
        }

        return ExchangeAsync(waiting, cancellationToken);
    }

    /// <summary>Has one wait.</summary>
    /// <returns>Those that wait no longer, as they would be too many with it.</returns>
    private List<CarriedExchange> Add(CarriedExchange exchange)
    {
        lock (_lock)
        {
            List<CarriedExchange> full = _touched + exchange.Touched.Count > most ? TakeWaiting() : [];
            _waiting.Add(exchange);
            _touched += exchange.Touched.Count;
            return full;
        }
    }

    private List<CarriedExchange> TakeWaiting()
    {
        List<CarriedExchange> waiting = _waiting;
        (_waiting, _touched) = ([], 0);
        return waiting;
    }

    private ValueTask ExchangeAsync(List<CarriedExchange> exchanges, CancellationToken cancellationToken) =>
        exchanges.Count == 0 ? default : draft.ExchangeAsync(exchanges, cancellationToken);
}
