using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>The windows of a composition, and which partials each is made of. Windows that lie outside of the wanted range are left out.</summary>
internal sealed class FoldedWindows(TimeWindow range)
{
    private readonly Dictionary<FoldedWindow, int> _windows = [];
    private readonly List<(int Row, int Window)> _parts = [];

    /// <summary>Only windows that overlap it are wanted.</summary>
    public TimeWindow Range => range;

    /// <summary>The windows, by index.</summary>
    public IEnumerable<(FoldedWindow Window, int Index)> All => _windows.Select(entry => (entry.Key, entry.Value));

    /// <summary>The number of windows.</summary>
    public int Count => _windows.Count;

    /// <summary>Pairs of a partial and a window that it is part of.</summary>
    public IReadOnlyList<(int Row, int Window)> Parts => _parts;

    /// <summary>Makes a partial part of a window, if the window overlaps the range.</summary>
    public void Add(int row, FoldedWindow window)
    {
        if (!window.Interval.Overlaps(range))
        {
            return;
        }

        if (!_windows.TryGetValue(window, out int index))
        {
            index = _windows.Count;
            _windows.Add(window, index);
        }

        _parts.Add((row, index));
    }
}

/// <summary>A window of one key.</summary>
/// <param name="Key">The id of the key.</param>
/// <param name="Interval">Its interval of event time.</param>
/// <param name="First">The position of its first event, where windows have an order rather than a place in time.</param>
internal readonly record struct FoldedWindow(int Key, TimeWindow Interval, EventPosition? First);
