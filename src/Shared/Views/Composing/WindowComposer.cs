using Lambda.Aggregation;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>Composes the windows of a view from stored partials, whatever partition, epoch or generation they are of.</summary>
internal sealed class WindowComposer
{
    private readonly ViewDefinition _view;
    private readonly PartialRows _partials;
    private readonly List<PartialSource> _sources = [];

    public WindowComposer(ViewDefinition view)
    {
        _view = view;
        _partials = new PartialRows(view);
    }

    /// <summary>Declares a set of partials.</summary>
    public PartialSource AddSource(PartialSelection selection, SourceRole role)
    {
        PartialSource source = new(_sources.Count, selection, role);
        _sources.Add(source);
        return source;
    }

    /// <summary>Adds partials of a source.</summary>
    public void Add(PartialSource source, PartialBatch partials) => _partials.Add(partials, source);

    /// <summary>The windows that have events and overlap a range, by start, then key.</summary>
    public IReadOnlyList<WindowRow> Compose(TimeWindow range)
    {
        FoldedWindows windows = new(range);
        WindowFold.Of(_view).Fold(_partials, windows);
        return Rows(windows);
    }

    private List<WindowRow> Rows(FoldedWindows windows)
    {
        long[] eventCounts = new long[windows.Count];
        long[][] tallies = new long[windows.Count][];
        AggregateState[] merged = AggregateStates.Create(_view);
        foreach (AggregateState state in merged)
        {
            state.EnsureSlots(windows.Count);
        }

        foreach ((int row, int window) in windows.Parts)
        {
            PartialRow partial = _partials[row];
            (tallies[window] ??= new long[_sources.Count])[partial.Source.Index] += partial.Events;
            if (partial.Source.Role == SourceRole.Result)
            {
                eventCounts[window] += partial.Events;
                for (int i = 0; i < merged.Length; i++)
                {
                    merged[i].Merge(window, _partials.States[i], row);
                }
            }
        }

        Dictionary<int, GroupKey> keys = [];
        List<WindowRow> rows = new(windows.Count);
        foreach ((FoldedWindow window, int index) in windows.All)
        {
            if (!keys.TryGetValue(window.Key, out GroupKey? key))
            {
                key = _partials.Keys.Get(window.Key);
                keys.Add(window.Key, key);
            }

            rows.Add(new WindowRow(
                new WindowAddress(key, window.Interval.Start, window.First),
                window.Interval.End,
                eventCounts[index],
                [.. merged.Select(state => state.GetResult(index))],
                tallies[index]));
        }

        rows.Sort((a, b) => a.Address.CompareTo(b.Address));
        return rows;
    }
}
