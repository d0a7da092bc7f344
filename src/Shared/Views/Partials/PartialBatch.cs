using Lambda.Events;

namespace Lambda.Views.Partials;

/// <summary>
/// Partials of one view as columns: per row the address, the number of events and the state of every aggregate. Who sends it says which partition and
/// epoch, or which generation, the rows belong to. The address is key, start and missed, and where the layout has positions the position too. A row
/// of no events takes the place of a partial that is no more, such as a session that has become part of another.
/// </summary>
internal sealed class PartialBatch
{
    private int? _firstNew;

    public PartialBatch(PartialLayout layout)
    {
        Layout = layout;
        Keys = [.. layout.Keys.Select(column => ColumnBuffer.Create(column.Type))];
        Positions = layout.HasPositions ? new PositionColumns() : null;
        LiveSessions = layout.HasLiveSessions ? new IntervalColumns() : null;
        States = [.. layout.States.Select(column => ColumnBuffer.Create(column.Type))];
    }

    /// <summary>What the columns are.</summary>
    public PartialLayout Layout { get; }

    /// <summary>The number of partials.</summary>
    public int Count => Starts.Count;

    /// <summary>
    /// The rows from this one on are at addresses where the epoch has nothing in the store yet, so that a store need not look; <see cref="Count"/> when that is
    /// known of none. Only what speaks for an epoch sets it, and only with certainty: a store that believes it would keep two partials at one address.
    /// </summary>
    public int FirstNew { get => _firstNew ?? Count; set => _firstNew = value; }

    /// <summary>One column per part of the group key.</summary>
    public IReadOnlyList<ColumnBuffer> Keys { get; }

    /// <summary>Where the slice, session or count window begins, in UTC microseconds.</summary>
    public ColumnBuffer<long> Starts { get; } = new(ColumnType.Timestamp);

    /// <summary>Where it ends, in UTC microseconds, exclusive.</summary>
    public ColumnBuffer<long> Ends { get; } = new(ColumnType.Timestamp);

    /// <summary>
    /// How many of the windows, always the earliest ones, had refused the events when they came; zero in batch partials. Of a session, whose
    /// events belong to one window only, 1 says that they came too late for it.
    /// </summary>
    public ColumnBuffer<int> Missed { get; } = new(ColumnType.Int32);

    /// <summary>How many events the partial has taken, whatever the aggregates skip.</summary>
    public ColumnBuffer<long> EventCounts { get; } = new(ColumnType.Int64);

    /// <summary>Where the first event of each partial stands in the log; null when the layout has no positions.</summary>
    public PositionColumns? Positions { get; }

    /// <summary>
    /// The live session that the events of each partial belonged to when it was last touched (see <see cref="Sessions.LiveSessions"/>), which reaches further
    /// than the partial where earlier epochs have events of it; null when the layout has no sessions. Only speed partials that came in time have one;
    /// for others it is their own interval.
    /// </summary>
    public IntervalColumns? LiveSessions { get; }

    /// <summary>One column per state column of the layout.</summary>
    public IReadOnlyList<ColumnBuffer> States { get; }

    /// <summary>Makes room for so many rows more: millions that are added one by one would have the buffers copied many times over.</summary>
    public void Reserve(int rows)
    {
        foreach (ColumnBuffer column in (ColumnBuffer[])[.. Keys, Starts, Ends, Missed, EventCounts, .. States])
        {
            column.Reserve(rows);
        }
    }

    /// <summary>Adds a copy of a row of a batch of the same layout.</summary>
    public void AddFrom(PartialBatch source, int row)
    {
        for (int i = 0; i < Keys.Count; i++)
        {
            Keys[i].AddFrom(source.Keys[i], row);
        }

        Starts.AddFrom(source.Starts, row);
        Ends.AddFrom(source.Ends, row);
        Missed.AddFrom(source.Missed, row);
        EventCounts.AddFrom(source.EventCounts, row);
        Positions?.Add(source.Positions![row]);
        LiveSessions?.Add(source.LiveSessions![row]);
        for (int i = 0; i < States.Count; i++)
        {
            States[i].AddFrom(source.States[i], row);
        }
    }

    /// <summary>Adds copies of all rows of a batch of the same layout; none of null.</summary>
    /// <returns>This.</returns>
    public PartialBatch With(PartialBatch? source)
    {
        if (source is { Count: > 0 })
        {
            Reserve(source.Count);
            for (int row = 0; row < source.Count; row++)
            {
                AddFrom(source, row);
            }
        }

        return this;
    }

    /// <summary>Removes all rows; buffers stay.</summary>
    public void Clear()
    {
        foreach (ColumnBuffer column in Keys.Concat(States))
        {
            column.Clear();
        }

        Starts.Clear();
        Ends.Clear();
        Missed.Clear();
        EventCounts.Clear();
        Positions?.Clear();
        LiveSessions?.Clear();
        _firstNew = null;
    }
}
