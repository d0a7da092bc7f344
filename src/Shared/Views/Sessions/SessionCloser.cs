using System.Runtime.InteropServices;
using Lambda.Views.Closing;
using Lambda.Windows;

namespace Lambda.Views.Sessions;

/// <summary>Gives sessions that no event can extend or connect any more.</summary>
internal sealed class SessionCloser(ViewDefinition view, SessionWindows windows, SessionPartials partials)
{
    private const int WindowsPerBatch = 8192;

    private readonly WindowBatch _batch = new(view);
    private readonly List<int> _due = [];
    private readonly List<int> _needed = [];
    private int[] _keys = [];

    /// <summary>Gives the sessions that are due.</summary>
    /// <returns>The slots of the others, ascending.</returns>
    public ReadOnlySpan<int> Close(SessionSlots slots, IClosing closing, IWindowSink sink)
    {
        _needed.Clear();
        for (int slot = 0; slot < slots.Count; slot++)
        {
            ref readonly SessionSlots.Session session = ref slots[slot];
            if (session.MergedInto > 0)
            {
                continue;
            }

            if (closing.Of(windows.ReachOf(session.Interval)) == WindowProgress.Open)
            {
                _needed.Add(slot);
                continue;
            }

            _due.Add(slot);
            if (_due.Count == WindowsPerBatch)
            {
                Give(slots, sink);
            }
        }

        Give(slots, sink);
        return CollectionsMarshal.AsSpan(_needed);
    }

    private void Give(SessionSlots slots, IWindowSink sink)
    {
        ReadOnlySpan<int> due = CollectionsMarshal.AsSpan(_due);
        if (due.IsEmpty)
        {
            return;
        }

        if (_keys.Length < due.Length)
        {
            _keys = new int[WindowsPerBatch];
        }

        Span<long> starts = _batch.Starts.Append(due.Length);
        Span<long> ends = _batch.Ends.Append(due.Length);
        Span<long> events = _batch.EventCounts.Append(due.Length);
        for (int i = 0; i < due.Length; i++)
        {
            ref readonly SessionSlots.Session session = ref slots[due[i]];
            _keys[i] = session.Key;
            starts[i] = session.Start;
            ends[i] = session.End;
            events[i] = session.Events;
        }

        partials.Keys.Write(_keys.AsSpan(0, due.Length), _batch.Keys);
        for (int i = 0; i < _batch.Results.Count; i++)
        {
            partials.States[i].WriteResults(due, _batch.Results[i]);
        }

        sink.Take(_batch);
        _batch.Clear();
        _due.Clear();
    }
}
