using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Sessions;

/// <summary>
/// Collects partials of sessions from several sources, piece by piece of time in rising order, and gives them out as soon as their sessions are whole: when no partial that begins
/// behind the piece can be connected with them. So what is in memory follows the size of a piece, and how long sessions last.
/// </summary>
/// <param name="view">The view, which has sessions.</param>
/// <param name="sources">How many sources there are.</param>
internal sealed class SessionSweep(ViewDefinition view, int sources)
{
    private PartialBatch[] _waiting = New(view, sources);

    /// <summary>Whether no session waits to become whole.</summary>
    public bool IsEmpty => Array.TrueForAll(_waiting, partials => partials.Count == 0);

    /// <summary>Adds those partials of a source that begin in a piece of time; others belong to another piece.</summary>
    public void Add(int source, PartialBatch partials, TimeWindow piece)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            if (partials.Starts[row] >= piece.Start && partials.Starts[row] < piece.End)
            {
                _waiting[source].AddFrom(partials, row);
            }
        }
    }

    /// <summary>Takes out, by source, the partials of all sessions that are whole when the other partials begin at an instant or later.</summary>
    public PartialBatch[] Take(long below)
    {
        PartialIntervals sessions = new(view);
        foreach (PartialBatch partials in _waiting)
        {
            sessions.Add(partials);
        }

        PartialBatch[] whole = New(view, sources);
        PartialBatch[] waiting = New(view, sources);
        for (int source = 0; source < sources; source++)
        {
            for (int row = 0; row < _waiting[source].Count; row++)
            {
                bool isWhole = below == long.MaxValue || sessions.Around(_waiting[source], row)!.Value.End < below;
                (isWhole ? whole : waiting)[source].AddFrom(_waiting[source], row);
            }
        }

        _waiting = waiting;
        return whole;
    }

    private static PartialBatch[] New(ViewDefinition view, int sources) => [.. Enumerable.Range(0, sources).Select(_ => new PartialBatch(view.Layout))];
}
