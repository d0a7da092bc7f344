using Lambda.Batch.History.Files;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>One of those who read dates and let partials go. For one thread at a time.</summary>
internal sealed class SettledSource
{
    /// <summary>
    /// In how many turns as many partials leave as are handed over together. What has left is kept where it is handed over from, so that tables need no room for as many again.
    /// </summary>
    private const int Turns = 4;

    private readonly SettledPartials _owner;
    private readonly StreamPlan _plan;
    private readonly ISettledSink _sink;
    private readonly int _index;

    /// <summary>By place of the view and kind what is settled and not yet handed over, and what others may have parts of; null where there was nothing yet.</summary>
    private readonly PartialBatch?[] _settled;
    private readonly PartialBatch?[] _shared;
    private readonly List<(PartialKind Kind, int View, PartialBatch Partials)> _full = [];

    /// <summary>How many partials could not leave when that was last tried.</summary>
    private long _left;

    public SettledSource(SettledPartials owner, StreamPlan plan, ISettledSink sink, int index)
    {
        _owner = owner;
        _plan = plan;
        _sink = sink;
        _index = index;
        _settled = new PartialBatch?[plan.Views.Count * PartialsByKind.Kinds.Count];
        _shared = new PartialBatch?[_settled.Length];
    }

    /// <summary>From which size on, in bytes, texts and keys are worth forgetting whose partials have left.</summary>
    public long MuchForTexts => _owner.MuchForTexts;

    /// <summary>Roughly how many bytes of what this and other sources have handed over is open, where windows follow the order of events; its share.</summary>
    public long OrderBytes => _owner.OrderBytesBySource;

    /// <summary>Lets partials go, if they are many. Every date that was begun is done.</summary>
    /// <param name="partials">What was computed and has not left.</param>
    /// <param name="next">No event that is still to be read is before this instant; <see cref="long.MaxValue"/> when none is.</param>
    /// <param name="cancellationToken">Ends the wait for the sink.</param>
    /// <returns>Whether any were let go.</returns>
    public async ValueTask<bool> ReleaseAsync(PartialsByKind partials, long next, CancellationToken cancellationToken)
    {
        long count = CountOf(partials);
        _owner.Note(_index, count + Waiting);
        bool isLast = next == long.MaxValue;
        if (!isLast && count < (_owner.RowsAtOnce / Turns) + (2 * _left))
        {
            return false;
        }

        for (int view = 0; view < _plan.Views.Count; view++)
        {
            foreach (PartialKind kind in PartialsByKind.Kinds)
            {
                if (partials[kind].Views[view].Table is { Count: > 0 } table)
                {
                    table.Release(new Sorting(this, kind, view, next));
                }
            }
        }

        _left = CountOf(partials);
        _owner.Note(_index, _left + Waiting);
        if (isLast)
        {
            HandOverAll();
        }

        foreach ((PartialKind kind, int view, PartialBatch full) in _full)
        {
            await _sink.TakeAsync(kind, view, full, cancellationToken).ConfigureAwait(false);
        }

        _full.Clear();
        await _owner.JoinAsync(_index, _shared, next, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>How many partials have left the tables and wait to be handed over.</summary>
    private long Waiting => _settled.Sum(batch => batch?.Count ?? 0L) + _full.Sum(full => (long)full.Partials.Count);

    private static long CountOf(PartialsByKind partials) =>
        PartialsByKind.Kinds.Sum(kind => partials[kind].Views.Sum(view => (long)view.Table.Count));

    private void HandOverAll()
    {
        for (int view = 0; view < _plan.Views.Count; view++)
        {
            foreach (PartialKind kind in PartialsByKind.Kinds)
            {
                int place = SettledPartials.PlaceOf(kind, view);
                if (_settled[place] is { Count: > 0 } some)
                {
                    _full.Add((kind, view, some));
                    _settled[place] = null;
                }
            }
        }
    }

    /// <summary>Where the partials of a kind and a view go.</summary>
    private sealed class Sorting(SettledSource source, PartialKind kind, int view, long next) : IPartialRelease
    {
        private readonly int _place = SettledPartials.PlaceOf(kind, view);
        private readonly bool _isOrder = source._plan.Views[view].View.Layout.HasPositions;

        /// <summary>
        /// Slices that events to come fall into are added to where they are. Sessions are not: one that goes on here may connect what others have.
        /// </summary>
        private readonly bool _mayStay = source._plan.Views[view].View.Window is SlicedWindows;

        public PartialBatch? DestinationOf(TimeWindow reach)
        {
            if (_isOrder)
            {
                return Order();
            }

            if (EventDate.IsWithinOne(reach.Start, reach.End))
            {
                return Settled();
            }

            return _mayStay && reach.End > next
                ? null
                : Shared();
        }

        private PartialBatch Shared() => source._shared[_place] ??= new PartialBatch(source._plan.Views[view].View.Layout);

        /// <summary>Events leave in some steps, so that those of a large date need not be in a batch as a whole.</summary>
        private PartialBatch Order()
        {
            PartialBatch batch = Shared();
            if (batch.Count >= source._owner.RowsAtOnce)
            {
                source._owner.AddToOrder(kind, view, batch);
            }

            return batch;
        }

        private PartialBatch Settled()
        {
            PartialBatch batch = source._settled[_place] ??= source._sink.Rent(view);
            if (batch.Count < source._owner.RowsAtOnce)
            {
                return batch;
            }

            source._full.Add((kind, view, batch));
            PartialBatch fresh = source._sink.Rent(view);

            // Where one was filled the next one will be: grown by and by it would leave twice its size behind.
            fresh.Reserve(source._owner.RowsAtOnce);
            return source._settled[_place] = fresh;
        }
    }
}
