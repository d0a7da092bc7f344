using System.Runtime.InteropServices;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Time;
using Lambda.Views.Closing;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Sessions;

/// <summary>
/// Partials of session windows: per key the sessions of the events of this table alone, in time and late ones apart. What other tables, epochs and
/// partitions hold of the same sessions joins them when windows are composed.
/// </summary>
internal sealed class SessionPartials : PartialTable
{
    private readonly SessionWindows _windows;
    private readonly SessionSlots _slots = new();
    private readonly LiveSessions _live;
    private readonly LateTally _late = new();
    private readonly List<int> _staying = [];
    private SessionCloser? _closer;

    /// <summary>Slots that have taken over the place of exported ones, while touched slots are exported.</summary>
    private readonly HashSet<int> _heirs = [];

    /// <summary>The accumulators of no input.</summary>
    private readonly AggregateState[] _empty;

    public SessionPartials(ViewDefinition view, SessionWindows windows, StringDictionary dictionary)
        : base(view, dictionary)
    {
        _windows = windows;
        _live = new LiveSessions(UtcMicroseconds.From(view.AllowedLateness));
        _empty = AggregateStates.Create(view);
        foreach (AggregateState state in _empty)
        {
            state.EnsureSlots(1);
        }
    }

    public override int Count => _slots.Count;

    public override long LateEvents => _late.Events;

    protected override long AddressByteCount => _slots.ByteCount + _live.ByteCount;

    /// <summary>
    /// Adds the sessions touched since the last export. One that was exported under another start, or has become part of another session since, leaves a
    /// row of no events there. A session that was not exported yet begins where nothing is stored: sessions of a lane neither overlap nor touch, so what was
    /// stored there would be part of it, and it the heir.
    /// </summary>
    public override void ExportTouched(PartialBatch destination)
    {
        StateWriter writer = new(destination.States);
        _heirs.Clear();
        foreach (int slot in _slots.Touched)
        {
            if (_slots.IsStoredElsewhere(slot, out long start))
            {
                TimeWindow gone = new(start, start + _windows.Gap);
                WriteAddress(_slots[slot], gone, gone, events: 0, destination);
                WriteStates(_empty, 0, writer);
                _heirs.Add(_slots.Survivor(slot));
            }

            ref readonly SessionSlots.Session session = ref _slots[slot];
            if (session.Missed > 0)
            {
                _late.Observe(slot, session.MergedInto > 0 ? 0 : session.Events);
            }
        }

        foreach (int slot in _slots.Touched)
        {
            if (MayBeStored(slot))
            {
                Export(slot, destination, writer);
            }
        }

        destination.FirstNew = destination.Count;
        foreach (int slot in _slots.Touched)
        {
            if (!MayBeStored(slot))
            {
                Export(slot, destination, writer);
            }
        }

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
        _closer ??= new SessionCloser(View, _windows, this);
        ReadOnlySpan<int> needed = _closer.Close(_slots, closing, sink);
        _slots.Keep(needed);
        KeepStates(needed);
    }

    public override void Release(IPartialRelease release)
    {
        LeavingPartials leaving = new(release);
        _staying.Clear();
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            ref readonly SessionSlots.Session session = ref _slots[slot];
            if (session.MergedInto > 0)
            {
                continue;
            }

            if (leaving.TryLeave(_windows.ReachOf(session.Interval), out PartialBatch? destination, out StateWriter? states))
            {
                Export(slot, destination, states);
            }
            else
            {
                _staying.Add(slot);
            }
        }

        _slots.Keep(CollectionsMarshal.AsSpan(_staying));
        KeepStates(CollectionsMarshal.AsSpan(_staying));
    }

    /// <summary>Takes up the live sessions of partials that came in time.</summary>
    public override void Resume(PartialBatch partials, long watermark)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            if (partials.Missed[row] == 0)
            {
                _live.Restore(Keys.FindOrAdd(partials, row), partials.LiveSessions![row], watermark);
            }
        }
    }

    public override void Reset(StringDictionary dictionary)
    {
        IReadOnlyList<(int Key, TimeWindow Interval)> live = _live.ToList();
        PartialBatch keys = new(View.Layout);
        foreach ((int key, _) in live)
        {
            Keys.Write(key, keys);
        }

        base.Reset(dictionary);
        _live.Clear();
        for (int row = 0; row < live.Count; row++)
        {
            _live.Restore(Keys.FindOrAdd(keys, row), live[row].Interval, WatermarkTracker.None);
        }
    }

    protected override void AssignSlots(in AddressedRows rows, Span<int> slots)
    {
        ReadOnlySpan<long> times = rows.Times;
        ReadOnlySpan<int> keys = rows.Keys;
        for (int place = 0; place < slots.Length; place++)
        {
            TimeWindow interval = _windows.IntervalOf(times[place]);
            bool isInTime = rows.WatermarksBefore.IsEmpty
                || _live.Takes(keys[place], interval, rows.WatermarksBefore[rows.Rows[place]]);
            slots[place] = _slots.Add(keys[place], isInTime ? 0 : 1, interval, events: 1);
        }

        CarryOutMerges(slots);
    }

    protected override void AssignSlots(PartialBatch partials, Span<int> slots)
    {
        for (int row = 0; row < slots.Length; row++)
        {
            TimeWindow interval = new(partials.Starts[row], partials.Ends[row]);
            slots[row] = _slots.Add(Keys.FindOrAdd(partials, row), partials.Missed[row], interval, partials.EventCounts[row]);
        }

        CarryOutMerges(slots);
    }

    protected override void ClearAddresses()
    {
        _slots.Clear();
        _late.ForgetSlots();
    }

    /// <summary>Sessions that were connected become one also in the accumulators, and events assigned to one of them go where it went.</summary>
    private void CarryOutMerges(Span<int> slots)
    {
        if (_slots.Merges.Count == 0)
        {
            return;
        }

        EnsureStates();
        foreach ((int into, int from) in _slots.Merges)
        {
            foreach (AggregateState state in States)
            {
                state.Merge(into, state, from);
            }
        }

        _slots.ForgetMerges();
        for (int place = 0; place < slots.Length; place++)
        {
            slots[place] = _slots.Survivor(slots[place]);
        }
    }

    private bool MayBeStored(int slot) => _slots.IsStored(slot) || _heirs.Contains(slot);

    private void Export(int slot, PartialBatch destination, StateWriter writer)
    {
        ref readonly SessionSlots.Session session = ref _slots[slot];
        if (session.MergedInto > 0)
        {
            return;
        }

        TimeWindow live = (session.Missed == 0 ? _live.Find(session.Key, session.Interval) : null) ?? session.Interval;
        WriteAddress(session, session.Interval, live, session.Events, destination);
        WriteStates(slot, writer);
    }

    private void WriteAddress(in SessionSlots.Session session, TimeWindow interval, TimeWindow live, long events, PartialBatch destination)
    {
        Keys.Write(session.Key, destination);
        destination.Starts.Add(interval.Start);
        destination.Ends.Add(interval.End);
        destination.LiveSessions!.Add(live);
        destination.Missed.Add(session.Missed);
        destination.EventCounts.Add(events);
    }
}
