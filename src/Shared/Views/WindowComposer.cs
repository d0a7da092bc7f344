using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Windows;

namespace Lambda.Views;

/// <summary>Composes windows of a view from stored partials: merges what has the same key, then adds up the slices of each window.</summary>
internal sealed class WindowComposer
{
    private readonly ViewDefinition _view;
    private readonly ISlicing _slicing;
    private readonly PartialTable _partials;

    public WindowComposer(ViewDefinition view)
    {
        _view = view;
        _slicing = view.Window.Slicing;
        _partials = new PartialTable(view, new StringDictionary());
    }

    /// <summary>Adds partials of any partition, epoch or generation.</summary>
    public void Add(PartialBatch partials) => _partials.Merge(partials);

    /// <summary>The windows that have events and overlap <c>[from, to)</c>, by start, then key.</summary>
    public IReadOnlyList<WindowRow> Compose(PartialSelection selection, long from, long to)
    {
        Dictionary<(int Key, TimeWindow Window), int> windows = [];
        List<(int Slot, int Window)> parts = [];
        for (int slot = 0; slot < _partials.Slots.Count; slot++)
        {
            SlotTable.Address address = _partials.Slots[slot];
            (int first, int end) = Positions(selection, address.Missed);
            for (int position = first; position < end; position++)
            {
                TimeWindow window = _slicing.WindowAt(address.SliceStart, position);
                if (window.Start < to && window.End > from)
                {
                    if (!windows.TryGetValue((address.Key, window), out int index))
                    {
                        index = windows.Count;
                        windows.Add((address.Key, window), index);
                    }

                    parts.Add((slot, index));
                }
            }
        }

        return Rows(windows, parts);
    }

    private List<WindowRow> Rows(Dictionary<(int Key, TimeWindow Window), int> windows, List<(int Slot, int Window)> parts)
    {
        long[] eventCounts = new long[windows.Count];
        AggregateState[] merged = [.. _view.Aggregates.Select(aggregate => aggregate.Function.CreateState())];
        foreach (AggregateState state in merged)
        {
            state.EnsureSlots(windows.Count);
        }

        foreach ((int slot, int window) in parts)
        {
            eventCounts[window] += _partials.Slots.EventCount(slot);
            for (int i = 0; i < merged.Length; i++)
            {
                merged[i].Merge(window, _partials.States[i], slot);
            }
        }

        Dictionary<int, GroupKey> keys = [];
        List<WindowRow> rows = new(windows.Count);
        foreach (((int key, TimeWindow window), int index) in windows)
        {
            if (!keys.TryGetValue(key, out GroupKey? groupKey))
            {
                groupKey = _partials.GetKey(key);
                keys.Add(key, groupKey);
            }

            rows.Add(new WindowRow(
                groupKey, window.Start, window.End, eventCounts[index], [.. merged.Select(state => state.GetResult(index))]));
        }

        rows.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Key.CompareTo(b.Key));
        return rows;
    }

    private (int First, int End) Positions(PartialSelection selection, int missed) => selection switch
    {
        PartialSelection.Accepted => (missed, _slicing.WindowsPerSlice),
        PartialSelection.Late => (0, missed),
        _ => (0, _slicing.WindowsPerSlice),
    };
}
