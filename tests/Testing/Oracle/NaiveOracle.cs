namespace Lambda.Testing.Oracle;

/// <summary>Computes what both layers must answer, from all records at once and with nothing but lists.</summary>
public static class NaiveOracle
{
    /// <summary>
    /// The speed layer's answers by view. Every partition is walked by offset with a watermark of its own; an event is judged by the watermark before
    /// it, and refused when that has reached the last instant of the event's window plus the allowed lateness.
    /// </summary>
    public static IReadOnlyDictionary<string, OracleSpeedResult> Speed<TEvent>(
        OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records)
        where TEvent : class
    {
        List<(TEvent Event, long? Watermark)> judged = [];
        foreach (IGrouping<int, OracleRecord<TEvent>> partition in records.GroupBy(record => record.Partition))
        {
            long? max = null;
            foreach (TEvent next in partition.OrderBy(record => record.Offset).Select(record => record.Event).OfType<TEvent>())
            {
                judged.Add((next, max - stream.OutOfOrderness - 1));
                max = Math.Max(max ?? long.MinValue, stream.Time(next));
            }
        }

        Dictionary<string, OracleSpeedResult> results = [];
        foreach (OracleView<TEvent> view in stream.Views)
        {
            bool IsLate((TEvent Event, long? Watermark) row) =>
                row.Watermark >= WindowStart(stream.Time(row.Event), view) + view.Size - 1 + view.Lateness;
            results.Add(view.Name, new OracleSpeedResult(
                Rows(stream, view, judged.Where(row => !IsLate(row)).Select(row => row.Event)),
                Rows(stream, view, judged.Where(IsLate).Select(row => row.Event)),
                Rows(stream, view, judged.Select(row => row.Event))));
        }

        return results;
    }

    /// <summary>
    /// The batch layer's answers by view: nothing is late; of events with the same id and event time the one with the lowest offset counts, then the one
    /// of the lowest partition, if it passes the row checks.
    /// </summary>
    public static IReadOnlyDictionary<string, OracleBatchResult> Batch<TEvent>(
        OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records)
        where TEvent : class
    {
        List<OracleRecord<TEvent>> good = [.. records.Where(record => record.Event is not null)];
        HashSet<OracleRecord<TEvent>> first = stream.Id is { } id
            ? [.. good.GroupBy(record => (id(record.Event!), stream.Time(record.Event!)))
                .Select(same => same.OrderBy(record => record.Offset).ThenBy(record => record.Partition).First())]
            : [.. good];
        List<TEvent> kept = [.. good.Where(record => first.Contains(record) && stream.RowCheck(record.Event!)).Select(record => record.Event!)];
        List<TEvent> removed = [.. good.Where(record => !first.Contains(record) || !stream.RowCheck(record.Event!)).Select(record => record.Event!)];
        return stream.Views.ToDictionary(
            view => view.Name, view => new OracleBatchResult(Rows(stream, view, kept), Rows(stream, view, removed)));
    }

    private static OracleRows Rows<TEvent>(OracleModel<TEvent> stream, OracleView<TEvent> view, IEnumerable<TEvent> events)
        where TEvent : class =>
        new(events.Where(next => !stream.Throws(next) && view.Filter(next))
            .GroupBy(next => (Key: new OracleRow(view.Key(next), 0, 0, 0, []).ToString(), Start: WindowStart(stream.Time(next), view)))
            .Select(group =>
            {
                List<TEvent> members = [.. group];
                return new OracleRow(
                    view.Key(members[0]), group.Key.Start, group.Key.Start + view.Size, members.Count,
                    [.. view.Aggregates.Select(aggregate => aggregate(members))]);
            }));

    /// <summary>The greatest window start that is not after the instant: offset plus a whole number of sizes.</summary>
    private static long WindowStart<TEvent>(long time, OracleView<TEvent> view) =>
        view.Offset + ((long)Math.Floor((decimal)(time - view.Offset) / view.Size) * view.Size);
}
