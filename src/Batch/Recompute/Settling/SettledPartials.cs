using Lambda.Batch.Archive;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>
/// Lets partials go while a history is read, as soon as no event that is still to be read can change them: memory then follows what is open, not what was read.
/// </summary>
/// <remarks>
/// Dates are read in rising order, each as a whole by one source, and the events of a date lie within it. So what only the events of one date can change is
/// settled as soon as its source has read it. What reaches across dates may be in parts with several sources: these are put together in seams, and settled
/// when all sources have come past them. So is all of views whose windows follow the order of events: what is settled there follows from which offsets the dates to come lie above.
/// For sources that each are used by one thread at a time.
/// </remarks>
internal sealed class SettledPartials
{
    private readonly StreamPlan _plan;
    private readonly ISettledSink _sink;

    /// <summary>By place of the view and kind; null where the view's windows follow the order of events.</summary>
    private readonly Seam?[] _seams;

    /// <summary>By place of the view; null where its windows have a place in time.</summary>
    private readonly OrderSeam?[] _orders;
    private readonly List<long> _next = [];
    private readonly Lock _lock = new();
    private readonly List<long> _held = [];
    private long _mostHeld;

    /// <param name="plan">The stream.</param>
    /// <param name="sink">Takes what is settled.</param>
    /// <param name="rowsAtOnce">How many partials are handed over together, about; a source keeps about as many.</param>
    /// <param name="floors">Of the history that is read.</param>
    public SettledPartials(StreamPlan plan, ISettledSink sink, int rowsAtOnce, OffsetFloors floors)
    {
        _plan = plan;
        _sink = sink;
        RowsAtOnce = rowsAtOnce;
        _seams =
        [
            .. plan.Views.SelectMany(view => PartialsByKind.Kinds.Select(kind =>
                view.View.Layout.HasPositions ? null : new Seam(view.View, kind, rowsAtOnce))),
        ];
        _orders = [.. plan.Views.Select(view => view.View.Layout.HasPositions ? new OrderSeam(view.View, floors, rowsAtOnce) : null)];
    }

    /// <summary>How many partials are handed over together, about.</summary>
    public int RowsAtOnce { get; }

    /// <summary>From which size on, in bytes, texts and keys are worth forgetting whose partials have left.</summary>
    public long MuchForTexts { get; init; } = 32 << 20;

    /// <summary>How many partials sources and seams have held at once at most, by what they held when they last let some go.</summary>
    public long MostHeld => Interlocked.Read(ref _mostHeld);

    /// <summary>Roughly how many bytes of what sources have handed over is open, where windows follow the order of events, for each source.</summary>
    public long OrderBytesBySource => _orders.Sum(order => order?.ByteCount ?? 0) / Math.Max(1, _next.Count);

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
            _mostHeld = Math.Max(_mostHeld, _held.Sum() + _seams.Sum(seam => seam?.Count ?? 0L) + _orders.Sum(order => order?.Count ?? 0L));
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
        // What a source has of an order is in it before the source counts as having come to its next date.
        ForEach(shared, (kind, view, partials) =>
        {
            if (_orders[view] is not null)
            {
                AddToOrder(kind, view, partials);
            }
        });
        List<(PartialKind Kind, int View, PartialBatch Partials)> settled = [];
        long before;
        lock (_lock)
        {
            ForEach(shared, (kind, view, partials) =>
            {
                _seams[PlaceOf(kind, view)]!.Add(partials);
                partials.Clear();
            });
            _next[source] = next;
            before = _next.Min();
            for (int i = 0; i < _seams.Length; i++)
            {
                (PartialKind kind, int view) = (KindOf(i), ViewOf(i));
                settled.AddRange((_seams[i]?.Settle(before, MuchForTexts, () => _sink.Rent(view)) ?? []).Select(batch => (kind, view, batch)));
            }
        }

        for (int place = 0; place < _orders.Length; place++)
        {
            int view = place;
            settled.AddRange((_orders[view]?.Settle(before, MuchForTexts, () => _sink.Rent(view)) ?? []).Select(some => (some.Kind, view, some.Partials)));
        }

        foreach ((PartialKind kind, int view, PartialBatch partials) in settled)
        {
            await _sink.TakeAsync(kind, view, partials, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes what a source has of a view whose windows follow the order of events, and empties it. It does not count as read before the source joins.</summary>
    public void AddToOrder(PartialKind kind, int view, PartialBatch partials)
    {
        _orders[view]!.Add(kind, partials);
        partials.Clear();
    }

    /// <summary>Where partials of a kind and a view stand among those of all.</summary>
    public static int PlaceOf(PartialKind kind, int view) => (view * PartialsByKind.Kinds.Count) + (int)kind;

    /// <summary>By place of a view whose windows follow the order of events, keys whose windows as read are others than those that count. Once all events have come.</summary>
    public IReadOnlyDictionary<int, PartialKeys> FindMoved() => Enumerable.Range(0, _orders.Length).Where(view => _orders[view] is { Moved.Count: > 0 })
        .ToDictionary(view => view, view => _orders[view]!.Moved);

    private static PartialKind KindOf(int place) => PartialsByKind.Kinds[place % PartialsByKind.Kinds.Count];

    private static int ViewOf(int place) => place / PartialsByKind.Kinds.Count;

    private static void ForEach(PartialBatch?[] shared, Action<PartialKind, int, PartialBatch> action)
    {
        for (int place = 0; place < shared.Length; place++)
        {
            if (shared[place] is { Count: > 0 } partials)
            {
                action(KindOf(place), ViewOf(place), partials);
            }
        }
    }
}
