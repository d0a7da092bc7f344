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
        // Rows that stay share the objects of their keys.
        GroupKey?[] keys = new GroupKey?[_partials.Keys.Count];
        List<WindowRow> rows = [.. Rows(range, key => keys[key] ??= _partials.Keys.Get(key))];
        rows.Sort((a, b) => a.Address.CompareTo(b.Address));
        return rows;
    }

    /// <summary>The same windows in no particular order. Each is made when it is its turn, so that of millions only those take memory which the caller keeps.</summary>
    public IEnumerable<WindowRow> Enumerate(TimeWindow range) => Rows(range, _partials.Keys.Get);

    private IEnumerable<WindowRow> Rows(TimeWindow range, Func<int, GroupKey> keyOf)
    {
        FoldedWindows windows = new(range);
        WindowFold.Of(_view).Fold(_partials, windows);
        int sources = _sources.Count;
        long[] eventCounts = new long[windows.Count];
        long[] tallies = new long[checked(windows.Count * sources)];
        List<TimeWindow>?[]? sessions = _view.Window is SessionWindows && _sources.Exists(source => source.Role == SourceRole.JoiningTally)
            ? new List<TimeWindow>?[windows.Count]
            : null;
        AggregateState[] merged = AggregateStates.Create(_view);
        foreach (AggregateState state in merged)
        {
            state.EnsureSlots(windows.Count);
        }

        foreach ((int row, int window) in windows.Parts)
        {
            PartialRow partial = _partials[row];
            tallies[(window * sources) + partial.Source.Index] += partial.Events;
            if (partial.Source.Role == SourceRole.Result)
            {
                eventCounts[window] += partial.Events;
                if (sessions is not null)
                {
                    Join(sessions[window] ??= [], partial.Interval);
                }

                for (int i = 0; i < merged.Length; i++)
                {
                    merged[i].Merge(window, _partials.States[i], row);
                }
            }
        }

        foreach ((FoldedWindow window, int index) in windows.All)
        {
            object?[] results = new object?[merged.Length];
            for (int i = 0; i < results.Length; i++)
            {
                results[i] = merged[i].GetResult(index);
            }

            yield return new WindowRow(
                new WindowAddress(keyOf(window.Key), window.Interval.Start, window.First),
                window.Interval.End,
                eventCounts[index],
                results,
                tallies.AsSpan(index * sources, sources).ToArray())
            {
                Sessions = sessions?[index],
            };
        }
    }

    /// <summary>Adds an interval; they come by their start, as a fold gives the partials of a session.</summary>
    private static void Join(List<TimeWindow> sessions, TimeWindow interval)
    {
        if (sessions.Count > 0 && sessions[^1].Touches(interval))
        {
            sessions[^1] = sessions[^1].Union(interval);
        }
        else
        {
            sessions.Add(interval);
        }
    }
}
