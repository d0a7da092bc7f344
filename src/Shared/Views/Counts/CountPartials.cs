using System.Runtime.InteropServices;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Counts;

/// <summary>
/// Partials of windows of a count of events. Which window an event is in depends on all events of its key before it, of which a table holds only some,
/// so every event is a partial of its own until they are put in order.
/// </summary>
internal sealed class CountPartials(ViewDefinition view, CountWindows form, StringDictionary dictionary) : PartialTable(view, dictionary)
{
    private const int InitialSlots = 32;
    private const int BytesPerRun = 40;

    private readonly List<int> _staying = [];
    private CountRun[] _runs = new CountRun[InitialSlots];
    private int _count;

    public override int Count => _count;

    protected override long AddressByteCount => (long)_runs.Length * BytesPerRun;

    /// <summary>Adds all partials, and drops them: an event that is stored never changes.</summary>
    public override void ExportTouched(PartialBatch destination)
    {
        ExportAll(destination);
        destination.FirstNew = 0;
        ClearPartials();
    }

    public override void ExportAll(PartialBatch destination)
    {
        StateWriter writer = new(destination.States);
        for (int slot = 0; slot < _count; slot++)
        {
            Export(_runs[slot], destination);
            WriteStates(slot, writer);
        }
    }

    public override void ExportSettled(PartialBatch destination)
    {
        AggregateState[] joined = AggregateStates.Create(View);
        StateWriter writer = new(destination.States);
        CountWalk walk = new(form);
        CountRun window = default;
        foreach (int slot in InOrder())
        {
            CountRun run = _runs[slot];
            if (walk.Joins(run.Key, run.First, run.Time, run.Events))
            {
                window = window with { Events = window.Events + run.Events };
            }
            else
            {
                ExportWindow();
                window = run;
            }

            for (int i = 0; i < joined.Length; i++)
            {
                joined[i].EnsureSlots(1);
                joined[i].Merge(0, States[i], slot);
            }
        }

        ExportWindow();

        void ExportWindow()
        {
            if (window.Events == 0)
            {
                return;
            }

            Export(window, destination);
            WriteStates(joined, 0, writer);
            foreach (AggregateState state in joined)
            {
                state.Clear();
            }
        }
    }

    /// <summary>Moves runs to batches as they are. Which windows they make is known where those of all tables are brought together.</summary>
    public override void Release(IPartialRelease release)
    {
        LeavingPartials leaving = new(release);
        _staying.Clear();
        for (int slot = 0; slot < _count; slot++)
        {
            LeaveOrStay(slot, ref leaving);
        }

        KeepStaying();
    }

    /// <summary>
    /// Moves windows to batches that no event to come can change, and joins what is known of others, so that there is one run for each that is open, besides events before which
    /// some may still come.
    /// </summary>
    /// <param name="known">Which events are in the table, or were.</param>
    /// <param name="release">Takes windows that are settled.</param>
    public void ReleaseSettled(KnownEvents known, IPartialRelease release)
    {
        LeavingPartials leaving = new(release);
        _staying.Clear();
        int[] order = InOrder();
        foreach (CountSettling.Span span in new CountSettling(form, known).Walk(_runs, order))
        {
            int slot = order[span.First];
            foreach (int next in order.AsSpan(span.First + 1, span.End - span.First - 1))
            {
                Join(slot, next);
            }

            if (span.IsSettled)
            {
                LeaveOrStay(slot, ref leaving);
            }
            else
            {
                _staying.Add(slot);
            }
        }

        _staying.Sort();
        KeepStaying();
    }

    /// <summary>Adds the runs of keys that some partials have to a batch.</summary>
    public void ExportOfKeys(PartialBatch partials, PartialBatch destination)
    {
        HashSet<int> keys = [];
        for (int row = 0; row < partials.Count; row++)
        {
            keys.Add(Keys.FindOrAdd(partials, row));
        }

        StateWriter writer = new(destination.States);
        for (int slot = 0; slot < _count; slot++)
        {
            if (keys.Contains(_runs[slot].Key))
            {
                Export(_runs[slot], destination);
                WriteStates(slot, writer);
            }
        }
    }

    protected override void AssignSlots(in AddressedRows rows, Span<int> slots)
    {
        EnsureRoom(rows.Count);
        EventBatch batch = rows.Batch;
        for (int place = 0; place < rows.Count; place++)
        {
            int row = rows.Rows[place];
            slots[place] = _count;
            _runs[_count++] = new CountRun(rows.Keys[place], rows.Times[place], new EventPosition(batch.Partitions[row], batch.Offsets[row]), 1);
        }
    }

    protected override void AssignSlots(PartialBatch partials, Span<int> slots)
    {
        EnsureRoom(slots.Length);
        for (int row = 0; row < slots.Length; row++)
        {
            slots[row] = _count;
            _runs[_count++] = new CountRun(
                Keys.FindOrAdd(partials, row), partials.Starts[row], partials.Positions![row], partials.EventCounts[row]);
        }
    }

    protected override void ClearAddresses() => _count = 0;

    /// <summary>All slots by key, partition and offset.</summary>
    private int[] InOrder()
    {
        int[] order = new int[_count];
        for (int slot = 0; slot < order.Length; slot++)
        {
            order[slot] = slot;
        }

        Array.Sort(order, (a, b) => CountRun.Compare(_runs[a], _runs[b]));
        return order;
    }

    private void Join(int slot, int next)
    {
        _runs[slot] = _runs[slot] with { Events = _runs[slot].Events + _runs[next].Events };
        foreach (AggregateState state in States)
        {
            state.Merge(slot, state, next);
        }
    }

    private void LeaveOrStay(int slot, ref LeavingPartials leaving)
    {
        if (leaving.TryLeave(form.WindowOf(_runs[slot].Time), out PartialBatch? destination, out StateWriter? states))
        {
            Export(_runs[slot], destination);
            WriteStates(slot, states);
        }
        else
        {
            _staying.Add(slot);
        }
    }

    /// <summary>Forgets all slots but those that stay, which are ascending.</summary>
    private void KeepStaying()
    {
        for (int slot = 0; slot < _staying.Count; slot++)
        {
            _runs[slot] = _runs[_staying[slot]];
        }

        _count = _staying.Count;
        KeepStates(CollectionsMarshal.AsSpan(_staying));
    }

    private void EnsureRoom(int more)
    {
        if (_runs.Length < _count + more)
        {
            Array.Resize(ref _runs, Math.Max(_count + more, _runs.Length * 2));
        }
    }

    private void Export(CountRun run, PartialBatch destination)
    {
        Keys.Write(run.Key, destination);
        TimeWindow window = form.WindowOf(run.Time);
        destination.Starts.Add(window.Start);
        destination.Ends.Add(window.End);
        destination.Missed.Add(0);
        destination.EventCounts.Add(run.Events);
        destination.Positions!.Add(run.First);
    }
}
