namespace Lambda.TestSupport.Oracle;

/// <summary>
/// Sessions: events no more than a gap apart, from the first to a gap after the last. An event that comes when a session of its own would be refused is late,
/// unless it is within the gap of an event of a session of its partition that is not refused yet.
/// </summary>
/// <param name="gap">The longest time between two events of a session, in microseconds.</param>
public sealed class OracleSessions(long gap) : OracleWindows
{
    /// <inheritdoc/>
    public override IEnumerable<OracleGroup> Group(IReadOnlyList<OracleOccurrence> events, long lateness, OracleWanted wanted)
    {
        HashSet<OracleOccurrence> late = [.. events.Where(next => next.Layer != OracleLayer.Batch)
            .GroupBy(next => next.Partition)
            .SelectMany(partition => Late([.. partition.OrderBy(next => next.Offset)], lateness))];
        List<OracleOccurrence> members = [.. events
            .Where(next => next.IsMember && (wanted == OracleWanted.All || late.Contains(next) == (wanted == OracleWanted.Late)))
            .OrderBy(next => next.Time)];
        List<OracleOccurrence> session = [];
        foreach (OracleOccurrence next in members)
        {
            if (session.Count > 0 && next.Time - session[^1].Time > gap)
            {
                yield return Window(session);
                session = [];
            }

            session.Add(next);
        }

        if (session.Count > 0)
        {
            yield return Window(session);
        }
    }

    private OracleGroup Window(List<OracleOccurrence> session) => new(session[0].Time, session[^1].Time + gap, session);

    /// <summary>Walks a partition with the times of the events of all its sessions.</summary>
    private List<OracleOccurrence> Late(IReadOnlyList<OracleOccurrence> events, long lateness)
    {
        List<OracleOccurrence> late = [];
        List<List<long>> sessions = [];
        foreach (OracleOccurrence next in events)
        {
            bool IsRefused(IEnumerable<long> times) => next.Watermark >= times.Max() + gap - 1 + lateness;

            List<List<long>> joined = [.. sessions.Where(times => !IsRefused(times) && times.Exists(time => Math.Abs(time - next.Time) <= gap))];
            if (joined.Count == 0 && IsRefused([next.Time]))
            {
                late.Add(next);
                continue;
            }

            sessions.RemoveAll(joined.Contains);
            sessions.Add([.. joined.SelectMany(times => times), next.Time]);
        }

        return late;
    }
}
