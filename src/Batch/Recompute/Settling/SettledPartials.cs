using Lambda.Processing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>
/// Lets partials go while a history is read, as soon as no event that is still to be read can change them: memory then follows what is open, not what was read.
/// </summary>
/// <remarks>
/// Dates are read in rising order, each as a whole by one source, and the events of a date lie within it. So what only the events of one date can change is
/// settled as soon as its source has read it. What reaches across dates may be in parts with several sources: these are put together in seams, and settled
/// when all sources have come past them. Views whose windows follow the order of events are left alone. For sources that each are used by one thread at a time.
/// </remarks>
internal sealed class SettledPartials
{
    private readonly StreamPlan _plan;
    private readonly ISettledSink _sink;

    /// <summary>By place of the view and kind; null where the view's windows follow the order of events.</summary>
    private readonly Seam?[] _seams;
    private readonly List<long> _next = [];
    private readonly Lock _lock = new();
    private readonly List<long> _held = [];
    private long _mostHeld;

    /// <param name="plan">The stream.</param>
    /// <param name="sink">Takes what is settled.</param>
    /// <param name="rowsAtOnce">How many partials are handed over together, about; a source keeps about as many.</param>
    public SettledPartials(StreamPlan plan, ISettledSink sink, int rowsAtOnce)
    {
        _plan = plan;
        _sink = sink;
        RowsAtOnce = rowsAtOnce;
        _seams =
        [
            .. plan.Views.SelectMany(view => PartialsByKind.Kinds.Select(kind =>
                view.View.Layout.HasPositions ? null : new Seam(view.View, kind, rowsAtOnce))),
        ];
    }

    /// <summary>How many partials are handed over together, about.</summary>
    public int RowsAtOnce { get; }

    /// <summary>From which size on, in bytes, texts and keys are worth forgetting whose partials have left.</summary>
    public long MuchForTexts { get; init; } = 32 << 20;

    /// <summary>How many partials sources and seams have held at once at most, by what they held when they last let some go.</summary>
    public long MostHeld => Interlocked.Read(ref _mostHeld);

    /// <summary>Opens a source; all are opened before any of them reads.</summary>
    public SettledSource Open()
    {
        lock (_lock)
        {
            _next.Add(long.MinValue);
            _held.Add(0);
            return new SettledSource(this, _plan, _sink, _next.Count - 1);
        }
    }

    /// <summary>Takes note of how many partials a source holds.</summary>
    public void Note(int source, long held)
    {
        lock (_lock)
        {
            _held[source] = held;
            _mostHeld = Math.Max(_mostHeld, _held.Sum() + _seams.Sum(seam => seam?.Count ?? 0L));
        }
    }

    /// <summary>
    /// Takes what a source has of partials that others may have too, and hands on what all have come past.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="shared">By seam what it has; emptied. Null where it has nothing.</param>
    /// <param name="next">Events that the source has still to read are not before it, and it has nothing left that ends before it.</param>
    /// <param name="cancellationToken">Ends the wait for the sink.</param>
    /// <exception cref="InvalidOperationException">Events were lost or doubled when partials were put together.</exception>
    public async ValueTask JoinAsync(int source, PartialBatch?[] shared, long next, CancellationToken cancellationToken)
    {
        List<(int Seam, PartialBatch Partials)> settled = [];
        lock (_lock)
        {
            for (int i = 0; i < shared.Length; i++)
            {
                if (shared[i] is { Count: > 0 } partials)
                {
                    _seams[i]!.Add(partials);
                    partials.Clear();
                }
            }

            _next[source] = next;
            long before = _next.Min();
            for (int i = 0; i < _seams.Length; i++)
            {
                int view = ViewOf(i);
                foreach (PartialBatch batch in _seams[i]?.Settle(before, MuchForTexts, () => _sink.Rent(view)) ?? [])
                {
                    settled.Add((i, batch));
                }
            }
        }

        foreach ((int seam, PartialBatch partials) in settled)
        {
            await _sink.TakeAsync(PartialsByKind.Kinds[seam % PartialsByKind.Kinds.Count], ViewOf(seam), partials, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int ViewOf(int seam) => seam / PartialsByKind.Kinds.Count;
}
