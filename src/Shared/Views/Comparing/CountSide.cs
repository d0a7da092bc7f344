using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Counts;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Comparing;

/// <summary>Partials of windows of a count, where they are, to be gone through window by window.</summary>
/// <param name="view">The view, whose windows are of a count.</param>
internal sealed class CountSide(ViewDefinition view)
{
    private readonly List<CountRun> _runs = [];

    // By run, the batch that it is of, and its row.
    private readonly List<PartialBatch> _batches = [];
    private readonly List<(int Batch, int Row)> _places = [];

    // The runs by key and position, once these have been asked for; of as many runs as there were then.
    private int[] _order = [];

    /// <summary>Adds a partial, which must stay as it is.</summary>
    /// <param name="key">The id of its key.</param>
    /// <param name="partials">The batch that it is of; rows of one come together.</param>
    /// <param name="row">Its row.</param>
    public void Add(int key, PartialBatch partials, int row)
    {
        if (_batches.Count == 0 || _batches[^1] != partials)
        {
            _batches.Add(partials);
        }

        _runs.Add(new CountRun(key, partials.Starts[row], partials.Positions![row], partials.EventCounts[row]));
        _places.Add((_batches.Count - 1, row));
    }

    /// <summary>Goes through all windows by key and the position of their first events.</summary>
    public Cursor Walk() => new(this, view);

    private int[] InOrder()
    {
        if (_order.Length != _runs.Count)
        {
            _order = new int[_runs.Count];
            for (int run = 0; run < _order.Length; run++)
            {
                _order[run] = run;
            }

            Array.Sort(_order, (a, b) => CountRun.Compare(_runs[a], _runs[b]));
        }

        return _order;
    }

    /// <summary>A window after the other.</summary>
    internal sealed class Cursor
    {
        private readonly CountSide _side;
        private readonly ViewDefinition _view;
        private readonly int[] _order;
        private readonly AggregateState[] _states;
        private readonly ColumnBuffer[] _columns;
        private readonly StateWriter _writer;
        private readonly StateReader[] _readers;
        private CountWalk _walk;

        // The runs of the window, as places in the order.
        private int _first;
        private int _end;
        private long _events;

        public Cursor(CountSide side, ViewDefinition view)
        {
            _side = side;
            _view = view;
            _order = side.InOrder();
            _readers = [.. side._batches.Select(batch => new StateReader(batch.States))];
            _states = AggregateStates.Create(view);
            _columns = view.Aggregates.Count == 0 ? [] : [.. view.Layout.States.Select(state => ColumnBuffer.Create(state.Type))];
            _writer = new StateWriter(_columns);
            _walk = new CountWalk((CountWindows)view.Window);
        }

        /// <summary>The id of the window's key.</summary>
        public int Key => First.Key;

        /// <summary>Where the window begins.</summary>
        public long Start => First.Time;

        /// <summary>The batch of its first partial.</summary>
        public PartialBatch Partials => _side._batches[_side._places[_order[_first]].Batch];

        /// <summary>The row of its first partial.</summary>
        public int Row => _side._places[_order[_first]].Row;

        private CountRun First => _side._runs[_order[_first]];

        /// <summary>Goes on to the next window.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext()
        {
            _first = _end;
            _events = 0;
            if (_first == _order.Length)
            {
                return false;
            }

            // Where a window ends is told by the run that opens the next one, so that only the first of all is to be opened here.
            if (_first == 0)
            {
                Joins(_first);
            }

            do
            {
                _events += _side._runs[_order[_end++]].Events;
            }
            while (_end < _order.Length && Joins(_end));

            return true;
        }

        /// <summary>Which window comes first.</summary>
        public int CompareTo(Cursor other) => CountRun.Compare(First, other.First);

        /// <summary>Whether a window at the same position has the same events and states.</summary>
        public bool IsSameAs(Cursor other)
        {
            if (Start != other.Start || _events != other._events)
            {
                return false;
            }

            Write();
            other.Write();
            for (int column = 0; column < _columns.Length; column++)
            {
                if (!_columns[column].HasSame(0, other._columns[column], 0))
                {
                    return false;
                }
            }

            return true;
        }

        private bool Joins(int place)
        {
            CountRun run = _side._runs[_order[place]];
            return _walk.Joins(run.Key, run.First, run.Time, run.Events);
        }

        /// <summary>Merges the states of the window, in the order of its events, and puts them into columns.</summary>
        private void Write()
        {
            foreach (AggregateState state in _states)
            {
                state.Clear();
                state.EnsureSlots(1);
            }

            for (int place = _first; place < _end; place++)
            {
                Merge(_side._places[_order[place]]);
            }

            foreach (ColumnBuffer column in _columns)
            {
                column.Clear();
            }

            _writer.StartRow();
            foreach (AggregateState state in _states)
            {
                state.Write(0, _writer);
            }
        }

        private void Merge((int Batch, int Row) place)
        {
            StateReader reader = _readers[place.Batch];
            int firstColumn = 0;
            for (int i = 0; i < _states.Length; i++)
            {
                reader.MoveTo(place.Row, firstColumn);
                _states[i].Merge(0, reader);
                firstColumn += _view.Aggregates[i].StateColumns.Count;
            }
        }
    }
}
