using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Views.Comparing;

/// <summary>Events and accumulators by slot, merged of partials.</summary>
internal sealed class SliceSums(ViewDefinition view)
{
    /// <summary>In place of a slot: the partial is left out.</summary>
    public const int NoSlot = -1;

    private readonly AggregateState[] _states = AggregateStates.Create(view);
    private long[] _events = [];

    /// <summary>How many events a slot has.</summary>
    public long Events(int slot) => _events[slot];

    /// <summary>Makes room.</summary>
    public void EnsureSlots(int count)
    {
        if (_events.Length < count)
        {
            Array.Resize(ref _events, Math.Max(count, _events.Length * 2));
        }

        foreach (AggregateState state in _states)
        {
            state.EnsureSlots(count);
        }
    }

    /// <summary>Merges partials into slots, for which there must be room.</summary>
    /// <param name="partials">The partials.</param>
    /// <param name="slots">Per partial the slot, or <see cref="NoSlot"/>.</param>
    public void Merge(PartialBatch partials, ReadOnlySpan<int> slots)
    {
        for (int row = 0; row < slots.Length; row++)
        {
            if (slots[row] != NoSlot)
            {
                _events[slots[row]] += partials.EventCounts[row];
            }
        }

        StateReader reader = new(partials.States);
        int firstColumn = 0;
        for (int i = 0; i < _states.Length; i++)
        {
            for (int row = 0; row < slots.Length; row++)
            {
                if (slots[row] != NoSlot)
                {
                    reader.MoveTo(row, firstColumn);
                    _states[i].Merge(slots[row], reader);
                }
            }

            firstColumn += view.Aggregates[i].StateColumns.Count;
        }
    }

    /// <summary>Puts the states of some slots into columns, in place of what was there.</summary>
    public void Write(int first, int end, ColumnBuffer[] columns)
    {
        foreach (ColumnBuffer column in columns)
        {
            column.Clear();
        }

        StateWriter writer = new(columns);
        for (int slot = first; slot < end; slot++)
        {
            writer.StartRow();
            foreach (AggregateState state in _states)
            {
                state.Write(slot, writer);
            }
        }
    }
}
