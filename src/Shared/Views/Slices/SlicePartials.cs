using System.Runtime.InteropServices;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Time;
using Lambda.Views.Closing;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Slices;

/// <summary>Partials of windows that are composed of slices: one per key, slice and number of the slice's windows that had refused its events.</summary>
internal sealed class SlicePartials : PartialTable
{
    private readonly ISlicing _slicing;
    private readonly long _allowedLateness;
    private readonly SlotTable _slots = new();
    private readonly LateTally _late = new();
    private readonly List<int> _staying = [];
    private long[] _sliceStarts = [];
    private SliceCloser? _closer;

    /// <summary>The slots below it were exported: slots are numbered as they come, and every one is touched when it comes.</summary>
    private int _exported;

    public SlicePartials(ViewDefinition view, ISlicing slicing, StringDictionary dictionary)
        : base(view, dictionary)
    {
        _slicing = slicing;
        _allowedLateness = UtcMicroseconds.From(view.AllowedLateness);
    }

    public override int Count => _slots.Count;

    public override long LateEvents => _late.Events;

    protected override long AddressByteCount => _slots.ByteCount;

    public override void ExportTouched(PartialBatch destination)
    {
        StateWriter writer = new(destination.States);
        foreach (int slot in _slots.Touched)
        {
            if (slot < _exported)
            {
                ExportTouched(slot, destination, writer);
            }
        }

        destination.FirstNew = destination.Count;
        foreach (int slot in _slots.Touched)
        {
            if (slot >= _exported)
            {
                ExportTouched(slot, destination, writer);
            }
        }

        _exported = _slots.Count;
        _slots.ForgetTouched();
    }

    public override void ExportAll(PartialBatch destination)
    {
        StateWriter writer = new(destination.States);
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            Export(slot, destination, writer);
        }
    }

    public override void Close(IClosing closing, IWindowSink sink)
    {
        _closer ??= new SliceCloser(View, _slicing, this);
        ReadOnlySpan<int> needed = _closer.Close(_slots, closing, sink);
        Keep(needed);
    }

    public override void Release(IPartialRelease release)
    {
        LeavingPartials leaving = new(release);
        _staying.Clear();
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            long start = _slots[slot].SliceStart;
            if (leaving.TryLeave(new TimeWindow(start, _slicing.SliceEnd(start)), out PartialBatch? destination, out StateWriter? states))
            {
                Export(slot, destination, states);
            }
            else
            {
                _staying.Add(slot);
            }
        }

        Keep(CollectionsMarshal.AsSpan(_staying));
    }

    protected override void AssignSlots(in AddressedRows rows, Span<int> slots)
    {
        if (_sliceStarts.Length < rows.Count)
        {
            _sliceStarts = new long[Math.Max(rows.Count, _sliceStarts.Length * 2)];
        }

        _slicing.AssignSlices(rows.Times, _sliceStarts);
        if (rows.WatermarksBefore.IsEmpty)
        {
            _slots.FindOrAdd(rows.Keys, _sliceStarts, slots);
            return;
        }

        for (int place = 0; place < rows.Count; place++)
        {
            long start = _sliceStarts[place];
            int missed = _slicing.CountRefusals(start, rows.WatermarksBefore[rows.Rows[place]], _allowedLateness);
            slots[place] = _slots.FindOrAdd(rows.Keys[place], start, missed, events: 1);
        }
    }

    protected override void AssignSlots(PartialBatch partials, Span<int> slots)
    {
        for (int row = 0; row < slots.Length; row++)
        {
            slots[row] = _slots.FindOrAdd(Keys.FindOrAdd(partials, row), partials.Starts[row], partials.Missed[row], partials.EventCounts[row]);
        }
    }

    protected override void ClearAddresses()
    {
        _slots.Clear();
        _exported = 0;
        _late.ForgetSlots();
    }

    private void Keep(ReadOnlySpan<int> slots)
    {
        _slots.Keep(slots);
        KeepStates(slots);
        _exported = _slots.Count;
    }

    private void ExportTouched(int slot, PartialBatch destination, StateWriter writer)
    {
        Export(slot, destination, writer);
        if (_slots[slot] is { Missed: > 0 } address && address.Missed == _slicing.WindowCount(address.SliceStart))
        {
            _late.Observe(slot, _slots.EventCount(slot));
        }
    }

    private void Export(int slot, PartialBatch destination, StateWriter writer)
    {
        SlotTable.Address address = _slots[slot];
        Keys.Write(address.Key, destination);
        destination.Starts.Add(address.SliceStart);
        destination.Ends.Add(_slicing.SliceEnd(address.SliceStart));
        destination.Missed.Add(address.Missed);
        destination.EventCounts.Add(_slots.EventCount(slot));
        WriteStates(slot, writer);
    }
}
