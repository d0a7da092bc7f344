using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Keys;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>The windows of a view that batch runs have changed.</summary>
internal sealed class CorrectedWindows(ViewDefinition view)
{
    private readonly HashSet<WindowAddress> _addresses = [];
    private readonly List<(GroupKey Key, TimeWindow Interval)> _intervals = [];

    /// <summary>Takes note of a change.</summary>
    public void Add(WindowRow window)
    {
        _addresses.Add(window.Address);
        _intervals.Add((window.Key, new TimeWindow(window.Start, window.End)));
    }

    /// <summary>Whether a window was changed. One that grows with its events need not begin any more where it did then.</summary>
    public bool Contain(WindowRow window) => view.Layout.HasLiveSessions
        ? _intervals.Exists(corrected => corrected.Key.Equals(window.Key) && corrected.Interval.Overlaps(new TimeWindow(window.Start, window.End)))
        : _addresses.Contains(window.Address);
}
