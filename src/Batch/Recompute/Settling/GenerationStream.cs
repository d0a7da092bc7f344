using System.Collections.Concurrent;
using System.Threading.Channels;
using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Writes partials to a generation beside those who compute them, a few batches at a time.</summary>
internal sealed class GenerationStream : ISettledSink, IAsyncDisposable
{
    /// <summary>How many batches wait at most, beside those that are written. More would only be more memory: what computes is not to run ahead of what writes.</summary>
    private const int MostWaiting = 1;

    private readonly GenerationDraft _draft;
    private readonly PartialLayout[] _layouts;

    /// <summary>By view, batches that have been written and can be filled again. A bag would keep them for the threads that have used it, long after the run.</summary>
    private readonly ConcurrentStack<PartialBatch>[] _free;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(MostWaiting);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;

    /// <param name="draft">The generation.</param>
    /// <param name="plan">The stream.</param>
    /// <param name="writers">How many batches are written at once at most.</param>
    public GenerationStream(GenerationDraft draft, StreamPlan plan, int writers)
    {
        _draft = draft;
        _layouts = [.. plan.Views.Select(view => view.View.Layout)];
        _free = [.. _layouts.Select(_ => new ConcurrentStack<PartialBatch>())];
        _writing = Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(WriteAllAsync, CancellationToken.None)));
    }

    public PartialBatch Rent(int view) => _free[view].TryPop(out PartialBatch? batch) ? batch : new PartialBatch(_layouts[view]);

    /// <inheritdoc/>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async ValueTask TakeAsync(PartialKind kind, int view, PartialBatch partials, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(new Waiting(kind, view, partials), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // Writing has failed; its own error is the one that tells.
            await _writing.ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until everything taken has been written; nothing more can be.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>Stops writing, whatever waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            await foreach (Waiting next in _waiting.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await _draft.WriteAsync(next.Kind, next.Partials, _stop.Token).ConfigureAwait(false);
                next.Partials.Clear();
                _free[next.View].Push(next.Partials);
            }
        }
        catch (Exception error)
        {
            // Those who wait to hand over more must not wait for ever, and the other writers need not go on for nothing.
            _waiting.Writer.TryComplete(error);
            await _stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private readonly record struct Waiting(PartialKind Kind, int View, PartialBatch Partials);
}
