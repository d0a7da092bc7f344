namespace Lambda.TestSupport.Oracle;

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
        List<JudgedEvent<TEvent>> judged = Judge(stream, records);
        Dictionary<string, OracleSpeedResult> results = [];
        foreach (OracleView<TEvent> view in stream.Views)
        {
            results.Add(view.Name, new OracleSpeedResult(
                Rows(stream, view, judged.Where(row => !IsLate(stream, view, row)).Select(row => row.Event)),
                Rows(stream, view, judged.Where(row => IsLate(stream, view, row)).Select(row => row.Event)),
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
        HashSet<OracleRecord<TEvent>> kept = Kept(stream, good);
        return stream.Views.ToDictionary(
            view => view.Name,
            view => new OracleBatchResult(
                Rows(stream, view, good.Where(kept.Contains).Select(record => record.Event!)),
                Rows(stream, view, good.Where(record => !kept.Contains(record)).Select(record => record.Event!))));
    }

    /// <summary>
    /// The merged answers by view: what the batch layer keeps of the records below a boundary, and what the speed layer accepted of the rest.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="records">The records that the speed layer has seen.</param>
    /// <param name="boundary">By partition the first offset that the batch layer does not cover.</param>
    public static IReadOnlyDictionary<string, OracleRows> Merged<TEvent>(
        OracleModel<TEvent> stream, IReadOnlyCollection<OracleRecord<TEvent>> records, IReadOnlyList<long> boundary)
        where TEvent : class
    {
        List<OracleRecord<TEvent>> below = [.. records.Where(record => record.Event is not null && record.Offset < boundary[record.Partition])];
        HashSet<OracleRecord<TEvent>> kept = Kept(stream, below);
        List<JudgedEvent<TEvent>> after = [.. Judge(stream, records).Where(row => row.Offset >= boundary[row.Partition])];
        return stream.Views.ToDictionary(
            view => view.Name,
            view => Rows(stream, view, kept.Select(record => record.Event!).Concat(after.Where(row => !IsLate(stream, view, row)).Select(row => row.Event))));
    }

    /// <summary>The first of each identity, if it passes the row checks.</summary>
    private static HashSet<OracleRecord<TEvent>> Kept<TEvent>(OracleModel<TEvent> stream, IReadOnlyCollection<OracleRecord<TEvent>> good)
        where TEvent : class
    {
        IEnumerable<OracleRecord<TEvent>> first = stream.Id is { } id
            ? good.GroupBy(record => (id(record.Event!), stream.Time(record.Event!)))
                .Select(same => same.OrderBy(record => record.Offset).ThenBy(record => record.Partition).First())
            : good;
        return [.. first.Where(record => stream.RowCheck(record.Event!))];
    }

    private static List<JudgedEvent<TEvent>> Judge<TEvent>(OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records)
        where TEvent : class
    {
        List<JudgedEvent<TEvent>> judged = [];
        foreach (IGrouping<int, OracleRecord<TEvent>> partition in records.GroupBy(record => record.Partition))
        {
            long? max = null;
            foreach (OracleRecord<TEvent> record in partition.Where(record => record.Event is not null).OrderBy(record => record.Offset))
            {
                judged.Add(new(record.Event!, record.Partition, record.Offset, max - stream.OutOfOrderness - 1));
                max = Math.Max(max ?? long.MinValue, stream.Time(record.Event!));
            }
        }

        return judged;
    }

    private static bool IsLate<TEvent>(OracleModel<TEvent> stream, OracleView<TEvent> view, JudgedEvent<TEvent> row)
        where TEvent : class => row.Watermark >= WindowStart(stream.Time(row.Event), view) + view.Size - 1 + view.Lateness;

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

    /// <summary>An event with its partition's watermark before it.</summary>
    private sealed record JudgedEvent<TEvent>(TEvent Event, int Partition, long Offset, long? Watermark);
}
