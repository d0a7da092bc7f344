using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>Stored partials of several sources side by side, unmerged, as windows are composed of them. The states of a row are at the slot of its number.</summary>
internal sealed class PartialRows
{
    private readonly ViewDefinition _view;
    private readonly AggregateState[] _states;
    private readonly List<PartialRow> _rows = [];

    public PartialRows(ViewDefinition view)
    {
        _view = view;
        _states = AggregateStates.Create(view);
        Keys = new GroupKeyTable(view.Keys, new StringDictionary());
    }

    /// <summary>The keys seen.</summary>
    public GroupKeyTable Keys { get; }

    /// <summary>One column of accumulators per aggregate.</summary>
    public IReadOnlyList<AggregateState> States => _states;

    /// <summary>The number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>A row.</summary>
    public PartialRow this[int row] => _rows[row];

    /// <summary>Adds the partials of a source. Those without events say nothing and are left out.</summary>
    public void Add(PartialBatch partials, PartialSource source)
    {
        List<int> added = new(partials.Count);
        for (int row = 0; row < partials.Count; row++)
        {
            if (partials.EventCounts[row] > 0)
            {
                added.Add(row);
                _rows.Add(new PartialRow(
                    Keys.FindOrAdd(partials, row),
                    new TimeWindow(partials.Starts[row], partials.Ends[row]),
                    partials.Missed[row],
                    partials.Positions?[row],
                    partials.EventCounts[row],
                    source));
            }
        }

        if (source.Role == SourceRole.Result)
        {
            AddStates(partials, added);
        }
    }

    private void AddStates(PartialBatch partials, List<int> added)
    {
        StateReader reader = new(partials.States);
        int firstSlot = _rows.Count - added.Count;
        int firstColumn = 0;
        for (int i = 0; i < _states.Length; i++)
        {
            _states[i].EnsureSlots(_rows.Count);
            for (int place = 0; place < added.Count; place++)
            {
                reader.MoveTo(added[place], firstColumn);
                _states[i].Merge(firstSlot + place, reader);
            }

            firstColumn += _view.Aggregates[i].StateColumns.Count;
        }
    }
}

/// <summary>A stored partial, its states aside.</summary>
/// <param name="Key">The id of its key.</param>
/// <param name="Interval">Its interval of event time.</param>
/// <param name="Missed">How many of its windows had refused its events.</param>
/// <param name="First">The position of its first event, where the layout has positions.</param>
/// <param name="Events">How many events it holds.</param>
/// <param name="Source">The source it is of.</param>
internal readonly record struct PartialRow(int Key, TimeWindow Interval, int Missed, EventPosition? First, long Events, PartialSource Source);
