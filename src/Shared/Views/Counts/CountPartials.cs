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

    private Run[] _runs = new Run[InitialSlots];
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
        int[] order = new int[_count];
        for (int slot = 0; slot < order.Length; slot++)
        {
            order[slot] = slot;
        }

        Array.Sort(order, (a, b) => Run.Compare(_runs[a], _runs[b]));
        AggregateState[] joined = AggregateStates.Create(View);
        StateWriter writer = new(destination.States);
        CountWalk walk = new(form);
        Run window = default;
        foreach (int slot in order)
        {
            Run run = _runs[slot];
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

    protected override void AssignSlots(in AddressedRows rows, Span<int> slots)
    {
        EnsureRoom(rows.Count);
        EventBatch batch = rows.Batch;
        for (int place = 0; place < rows.Count; place++)
        {
            int row = rows.Rows[place];
            slots[place] = _count;
            _runs[_count++] = new Run(rows.Keys[place], rows.Times[place], new EventPosition(batch.Partitions[row], batch.Offsets[row]), 1);
        }
    }

    protected override void AssignSlots(PartialBatch partials, Span<int> slots)
    {
        EnsureRoom(slots.Length);
        for (int row = 0; row < slots.Length; row++)
        {
            slots[row] = _count;
            _runs[_count++] = new Run(
                Keys.FindOrAdd(partials, row), partials.Starts[row], partials.Positions![row], partials.EventCounts[row]);
        }
    }

    protected override void ClearAddresses() => _count = 0;

    private void EnsureRoom(int more)
    {
        if (_runs.Length < _count + more)
        {
            Array.Resize(ref _runs, Math.Max(_count + more, _runs.Length * 2));
        }
    }

    private void Export(Run run, PartialBatch destination)
    {
        Keys.Write(run.Key, destination);
        TimeWindow window = form.WindowOf(run.Time);
        destination.Starts.Add(window.Start);
        destination.Ends.Add(window.End);
        destination.Missed.Add(0);
        destination.EventCounts.Add(run.Events);
        destination.Positions!.Add(run.First);
    }

    /// <summary>Events of one key that follow on one another: one of them, or all of a window.</summary>
    /// <param name="Key">The id of the key.</param>
    /// <param name="Time">The event time of the first.</param>
    /// <param name="First">The position of the first.</param>
    /// <param name="Events">How many they are.</param>
    private readonly record struct Run(int Key, long Time, EventPosition First, long Events)
    {
        public static int Compare(Run a, Run b)
        {
            int order = a.Key.CompareTo(b.Key);
            return order != 0 ? order : a.First.CompareTo(b.First);
        }
    }
}
