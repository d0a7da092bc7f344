using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Tables;

namespace Lambda.Views.Closing;

/// <summary>Windows of one view with their results, as columns.</summary>
internal sealed class WindowBatch(ViewDefinition view)
{
    /// <summary>The view.</summary>
    public ViewDefinition View => view;

    /// <summary>The number of windows.</summary>
    public int Count => Starts.Count;

    /// <summary>One column per part of the group key.</summary>
    public IReadOnlyList<ColumnBuffer> Keys { get; } = [.. view.Layout.Keys.Select(column => ColumnBuffer.Create(column.Type))];

    /// <summary>Where windows begin, in UTC microseconds.</summary>
    public ColumnBuffer<long> Starts { get; } = new(ColumnType.Timestamp);

    /// <summary>Where they end, exclusive, in UTC microseconds.</summary>
    public ColumnBuffer<long> Ends { get; } = new(ColumnType.Timestamp);

    /// <summary>How many events each has.</summary>
    public ColumnBuffer<long> EventCounts { get; } = new(ColumnType.Int64);

    /// <summary>One column per aggregate of the view.</summary>
    public IReadOnlyList<ResultColumn> Results { get; } = [.. AggregateStates.Create(view).Select(state => state.CreateResults())];

    /// <summary>Removes all windows; buffers stay.</summary>
    public void Clear()
    {
        foreach (ColumnBuffer column in (ColumnBuffer[])[.. Keys, Starts, Ends, EventCounts])
        {
            column.Clear();
        }

        foreach (ResultColumn column in Results)
        {
            column.Clear();
        }
    }
}
