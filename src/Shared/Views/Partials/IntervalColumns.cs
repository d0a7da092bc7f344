using Lambda.Events;
using Lambda.Windows;

namespace Lambda.Views.Partials;

/// <summary>Intervals of event time, as columns of UTC microseconds.</summary>
internal sealed class IntervalColumns
{
    /// <summary>The first instants.</summary>
    public ColumnBuffer<long> Starts { get; } = new(ColumnType.Timestamp);

    /// <summary>The first instants after them.</summary>
    public ColumnBuffer<long> Ends { get; } = new(ColumnType.Timestamp);

    /// <summary>The interval of a row.</summary>
    public TimeWindow this[int row] => new(Starts[row], Ends[row]);

    /// <summary>Adds an interval.</summary>
    public void Add(TimeWindow interval)
    {
        Starts.Add(interval.Start);
        Ends.Add(interval.End);
    }

    /// <summary>Removes all rows; buffers stay.</summary>
    public void Clear()
    {
        Starts.Clear();
        Ends.Clear();
    }
}
