namespace Lambda.TestSupport.Oracle;

/// <summary>Computes what both layers must answer, from all records at once and with nothing but lists.</summary>
public static class NaiveOracle
{
    /// <summary>
    /// The speed layer's answers by view. Every partition is walked by offset with a watermark of its own, and an event is judged by the watermark
    /// before it.
    /// </summary>
    public static IReadOnlyDictionary<string, OracleSpeedResult> Speed<TEvent>(
        OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records)
        where TEvent : class
    {
        List<JudgedEvent<TEvent>> judged = Judge(stream, records, _ => OracleLayer.Speed);
        return stream.Views.ToDictionary(
            view => view.Name,
            view => new OracleSpeedResult(
                Rows(stream, view, judged, OracleWanted.Accepted),
                Rows(stream, view, judged, OracleWanted.Late),
                Rows(stream, view, judged, OracleWanted.All)));
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
                Rows(stream, view, Settled(stream, good.Where(kept.Contains)), OracleWanted.Accepted),
                Rows(stream, view, Settled(stream, good.Where(record => !kept.Contains(record))), OracleWanted.Accepted)));
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
        List<JudgedEvent<TEvent>> judged = Judge(
            stream, records, record => record.Offset < boundary[record.Partition] ? OracleLayer.SpeedBelowBoundary : OracleLayer.Speed);
        List<JudgedEvent<TEvent>> all = [.. Settled(stream, Kept(stream, below)), .. judged];
        return stream.Views.ToDictionary(view => view.Name, view => Rows(stream, view, all, OracleWanted.Accepted));
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

    /// <summary>Events that the batch layer has read: no watermark judges them.</summary>
    private static List<JudgedEvent<TEvent>> Settled<TEvent>(OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records)
        where TEvent : class =>
        [.. records.Select(record => Occurrence(stream, record, OracleLayer.Batch, watermark: null))];

    /// <summary>Events that the speed layer has read, each with the watermark before it.</summary>
    private static List<JudgedEvent<TEvent>> Judge<TEvent>(
        OracleModel<TEvent> stream, IEnumerable<OracleRecord<TEvent>> records, Func<OracleRecord<TEvent>, OracleLayer> layer)
        where TEvent : class
    {
        List<JudgedEvent<TEvent>> judged = [];
        foreach (IGrouping<int, OracleRecord<TEvent>> partition in records.GroupBy(record => record.Partition))
        {
            long? max = null;
            foreach (OracleRecord<TEvent> record in partition.Where(record => record.Event is not null).OrderBy(record => record.Offset))
            {
                judged.Add(Occurrence(stream, record, layer(record), max - stream.OutOfOrderness - 1));
                max = Math.Max(max ?? long.MinValue, stream.Time(record.Event!));
            }
        }

        return judged;
    }

    private static JudgedEvent<TEvent> Occurrence<TEvent>(
        OracleModel<TEvent> stream, OracleRecord<TEvent> record, OracleLayer layer, long? watermark)
        where TEvent : class => new()
        {
            Event = record.Event!,
            Time = stream.Time(record.Event!),
            Partition = record.Partition,
            Offset = record.Offset,
            Watermark = watermark,
            Layer = layer,
        };

    private static OracleRows Rows<TEvent>(
        OracleModel<TEvent> stream, OracleView<TEvent> view, IEnumerable<JudgedEvent<TEvent>> events, OracleWanted wanted)
        where TEvent : class => new(
            from next in events
            where !stream.Throws(next.Event) && view.Filter(next.Event)
            group next by new OracleRow(view.Key(next.Event), 0, 0, 0, []).ToString() into ofKey
            from window in view.Windows.Group([.. ofKey], view.Lateness, wanted)
            where window.Members.Count > 0
            select Row(view, view.Key(ofKey.First().Event), window));

    private static OracleRow Row<TEvent>(OracleView<TEvent> view, object?[] key, OracleGroup window)
        where TEvent : class
    {
        List<TEvent> members = [.. window.Members.Cast<JudgedEvent<TEvent>>().Select(member => member.Event)];
        return new OracleRow(key, window.Start, window.End, members.Count, [.. view.Aggregates.Select(aggregate => aggregate(members))]);
    }

    private sealed class JudgedEvent<TEvent> : OracleOccurrence
    {
        public required TEvent Event { get; init; }
    }
}
