using Lambda.Processing;
using Lambda.Views.Composing;
using Lambda.Views.Keys;
using Lambda.Windows;

namespace Lambda.Store;

/// <summary>The windows that a <see cref="WindowLedger"/> has composed.</summary>
internal sealed class WindowAccounts
{
    private readonly TimeWindow _range;
    private readonly Dictionary<WindowAddress, ServedWindow> _served;
    private readonly Dictionary<WindowAddress, WindowRow> _read;
    private readonly Dictionary<(GroupKey Key, int Partition), RemovedEvents> _removedOfSequence = [];

    public WindowAccounts(TimeWindow range, Dictionary<WindowAddress, ServedWindow> served, Dictionary<WindowAddress, WindowRow> read)
    {
        _range = range;
        _served = served;
        _read = read;
        foreach ((WindowAddress address, ServedWindow window) in served)
        {
            if (address.First is { } first)
            {
                _removedOfSequence[(address.Key, first.Partition)] =
                    _removedOfSequence.GetValueOrDefault((address.Key, first.Partition)) + window.Removed;
            }
        }
    }

    /// <summary>All windows of the range, served or not.</summary>
    public IEnumerable<WindowRow> All => _served.Values.Select(window => window.Row).Concat(_read.Values)
        .DistinctBy(row => row.Address)
        .Where(row => new TimeWindow(row.Start, row.End).Overlaps(_range));

    /// <summary>A window as it is served; null when there is none, or none but refused and removed events are in it.</summary>
    public WindowRow? Served(WindowAddress address) =>
        _served.TryGetValue(address, out ServedWindow window) && window.Row.EventCount > 0 ? window.Row : null;

    /// <summary>Whether a window is served as in other accounts: with the same results, and, of sessions, with the same borders.</summary>
    public bool IsServedAsIn(WindowAccounts other, WindowAddress address)
    {
        WindowRow? here = Served(address);
        WindowRow? there = other.Served(address);
        return ResultComparison.AreSame(here, there) && (here?.Sessions is not { } sessions || sessions.SequenceEqual(there!.Sessions!));
    }

    /// <summary>A window of all events as they were read; null when there is none.</summary>
    public WindowRow? Read(WindowAddress address) => _read.GetValueOrDefault(address);

    /// <summary>How many events of a window the speed layer refused.</summary>
    public long Late(WindowAddress address) => _served.GetValueOrDefault(address).Late;

    /// <summary>How many events of a window the batch layer removed.</summary>
    public RemovedEvents Removed(WindowAddress address) => _served.GetValueOrDefault(address).Removed;

    /// <summary>
    /// How many removed events can have changed a window: its own. Where windows are made by the order of events, those of its key in its partition, as
    /// removing one moves the windows behind it.
    /// </summary>
    public RemovedEvents RemovedAround(WindowAddress address) => address.First is { } first
        ? _removedOfSequence.GetValueOrDefault((address.Key, first.Partition))
        : Removed(address);
}

/// <summary>A window as it is served, and what was left out of it.</summary>
/// <param name="Row">The window.</param>
/// <param name="Late">Events that came too late for the speed layer.</param>
/// <param name="Removed">Events that the batch layer removed.</param>
internal readonly record struct ServedWindow(WindowRow Row, long Late, RemovedEvents Removed);

/// <summary>How many events the batch layer removed.</summary>
/// <param name="Duplicates">As repetitions.</param>
/// <param name="Quarantined">As refused by row checks.</param>
internal readonly record struct RemovedEvents(long Duplicates, long Quarantined)
{
    public static RemovedEvents operator +(RemovedEvents a, RemovedEvents b) => new(a.Duplicates + b.Duplicates, a.Quarantined + b.Quarantined);

    public static RemovedEvents operator -(RemovedEvents a, RemovedEvents b) => new(a.Duplicates - b.Duplicates, a.Quarantined - b.Quarantined);
}
