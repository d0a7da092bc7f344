using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Counts;

/// <summary>
/// The rule by which runs of events make up count windows. It is told runs by key, partition and offset; a run is a single event or a window that
/// the batch layer has joined, which by the same rule never joins the one before it.
/// </summary>
internal struct CountWalk(CountWindows windows)
{
    private int _key;
    private int _partition;
    private TimeWindow _window;

    /// <summary>How many events the open window holds; zero before the first.</summary>
    private long _held;

    /// <summary>Whether there is no open window.</summary>
    public readonly bool IsEmpty => _held == 0;

    /// <summary>Whether the open window takes no more, whatever comes.</summary>
    public readonly bool IsFull => _held >= windows.Events;

    /// <summary>Takes the next run.</summary>
    /// <param name="key">The id of its key.</param>
    /// <param name="first">The position of its first event.</param>
    /// <param name="start">The event time of its first event.</param>
    /// <param name="events">How many events it holds; positive.</param>
    /// <returns>Whether it joins the open window; otherwise it opens the next.</returns>
    public bool Joins(int key, EventPosition first, long start, long events)
    {
        if (_held > 0 && _key == key && _partition == first.Partition && windows.Takes(_window, _held, start))
        {
            _held += events;
            return true;
        }

        _key = key;
        _partition = first.Partition;
        _window = windows.WindowOf(start);
        _held = events;
        return false;
    }
}
