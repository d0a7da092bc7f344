using System.Runtime.InteropServices;
using Lambda.Aggregation;
using Lambda.Views.Closing;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Slices;

/// <summary>
/// Gives windows of slices that are all in memory. Slices are put in order of time; a window is a run of them. One that has a single slice is given as
/// it is. The others are added up slice by slice, and where a key has its place in the window is remembered by key, so that nothing is hashed.
/// </summary>
internal sealed class SliceCloser
{
    private const int WindowsPerBatch = 8192;

    private readonly ISlicing _slicing;
    private readonly SlicePartials _partials;
    private readonly SliceOrder _order = new();
    private readonly AggregateState[] _merged;
    private readonly WindowBatch _batch;
    private readonly List<TimeWindow> _due = [];

    /// <summary>Pairs of a slot and the window under way that it is added to.</summary>
    private readonly List<int> _slots = [];
    private readonly List<int> _places = [];

    /// <summary>The windows under way.</summary>
    private readonly List<TimeWindow> _windows = [];
    private readonly List<int> _keys = [];
    private readonly List<long> _events = [];

    /// <summary>Per key its place among the windows under way, if it is not below <see cref="_firstPlace"/>.</summary>
    private int[] _placeOfKey = [];
    private int _firstPlace;
    private int[] _identity = [];

    public SliceCloser(ViewDefinition view, ISlicing slicing, SlicePartials partials)
    {
        _slicing = slicing;
        _partials = partials;
        _merged = AggregateStates.Create(view);
        _batch = new WindowBatch(view);
    }

    /// <summary>Gives the windows that are due.</summary>
    /// <returns>The slots that windows still need, ascending.</returns>
    public ReadOnlySpan<int> Close(SlotTable slots, IClosing closing, IWindowSink sink)
    {
        _order.Set(slots);
        Select(closing);
        foreach (TimeWindow window in _due)
        {
            (int first, int end) = _order.Slices(window);
            if (end - first == 1)
            {
                GiveSlice(slots, window, _order.Slots(first), sink);
            }
            else
            {
                AddUp(slots, window, first, end);
                if (_keys.Count >= WindowsPerBatch)
                {
                    GiveMerged(sink);
                }
            }
        }

        GiveMerged(sink);
        Give(sink);
        return _order.Needed();
    }

    /// <summary>Finds the windows that are due, in order, and notes which slices are still needed.</summary>
    private void Select(IClosing closing)
    {
        _due.Clear();
        for (int slice = 0; slice < _order.Count; slice++)
        {
            long start = _order.Start(slice);
            int windows = _slicing.WindowCount(start);
            for (int position = 0; position < windows; position++)
            {
                TimeWindow window = _slicing.WindowAt(start, position);
                WindowProgress progress = closing.Of(window);
                if (progress == WindowProgress.Open)
                {
                    _order.Need(slice);
                }
                else if (progress == WindowProgress.Due && _order.Slices(window).First == slice)
                {
                    _due.Add(window);
                }
            }
        }
    }

    private void GiveSlice(SlotTable slots, TimeWindow window, ReadOnlySpan<int> members, IWindowSink sink)
    {
        for (int first = 0; first < members.Length; first += WindowsPerBatch)
        {
            ReadOnlySpan<int> some = members[first..Math.Min(members.Length, first + WindowsPerBatch)];
            _partials.Keys.Write(slots.KeysOf(some, _batch.EventCounts.Append(some.Length)), _batch.Keys);
            _batch.Starts.Append(some.Length).Fill(window.Start);
            _batch.Ends.Append(some.Length).Fill(window.End);
            for (int i = 0; i < _merged.Length; i++)
            {
                _partials.States[i].WriteResults(some, _batch.Results[i]);
            }

            if (_batch.Count >= WindowsPerBatch)
            {
                Give(sink);
            }
        }
    }

    private void AddUp(SlotTable slots, TimeWindow window, int firstSlice, int endSlice)
    {
        if (_placeOfKey.Length < _partials.Keys.Count)
        {
            int known = _placeOfKey.Length;
            Array.Resize(ref _placeOfKey, Math.Max(_partials.Keys.Count, known * 2));
            _placeOfKey.AsSpan(known).Fill(-1);
        }

        _firstPlace = _keys.Count;
        for (int slice = firstSlice; slice < endSlice; slice++)
        {
            foreach (int slot in _order.Slots(slice))
            {
                int key = slots[slot].Key;
                int place = _placeOfKey[key];
                if (place < _firstPlace)
                {
                    place = _keys.Count;
                    _placeOfKey[key] = place;
                    _keys.Add(key);
                    _events.Add(0);
                    _windows.Add(window);
                }

                _events[place] += slots.EventCount(slot);
                _slots.Add(slot);
                _places.Add(place);
            }
        }
    }

    private void GiveMerged(IWindowSink sink)
    {
        int count = _keys.Count;
        if (count == 0)
        {
            return;
        }

        _partials.Keys.Write(CollectionsMarshal.AsSpan(_keys), _batch.Keys);
        CollectionsMarshal.AsSpan(_events).CopyTo(_batch.EventCounts.Append(count));
        foreach (TimeWindow window in _windows)
        {
            _batch.Starts.Add(window.Start);
            _batch.Ends.Add(window.End);
        }

        for (int i = 0; i < _merged.Length; i++)
        {
            _merged[i].EnsureSlots(count);
            _merged[i].Merge(CollectionsMarshal.AsSpan(_places), _partials.States[i], CollectionsMarshal.AsSpan(_slots));
        }

        for (int i = 0; i < _merged.Length; i++)
        {
            _merged[i].WriteResults(FirstNumbers(count), _batch.Results[i]);
        }

        foreach (AggregateState merged in _merged)
        {
            merged.Clear();
        }

        _placeOfKey.AsSpan().Fill(-1);
        _slots.Clear();
        _places.Clear();
        _windows.Clear();
        _keys.Clear();
        _events.Clear();
        Give(sink);
    }

    private void Give(IWindowSink sink)
    {
        if (_batch.Count > 0)
        {
            sink.Take(_batch);
            _batch.Clear();
        }
    }

    private ReadOnlySpan<int> FirstNumbers(int count)
    {
        if (_identity.Length < count)
        {
            _identity = [.. Enumerable.Range(0, Math.Max(count, _identity.Length * 2))];
        }

        return _identity.AsSpan(0, count);
    }
}
