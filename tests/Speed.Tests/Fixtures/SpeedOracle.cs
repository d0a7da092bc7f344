using System.Numerics;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>
/// What the speed layer must answer, by LINQ over all records and nothing of the kernel. The aggregates over <see cref="Reading.Wild"/>, whose exact
/// sums take more than a line, are not in it.
/// </summary>
internal static class SpeedOracle
{
    /// <summary>The aggregates that the oracle leaves out.</summary>
    public const string LeftOut = "wild";

    public static Dictionary<string, ViewAnswer> Answer(IEnumerable<(int Partition, long Offset, LogRecord Record)> records)
    {
        List<(Reading Event, long? Watermark)> judged = [];
        foreach (var partition in records.GroupBy(record => record.Partition))
        {
            long? max = null;
            foreach (Reading reading in partition.OrderBy(record => record.Offset).Select(record => record.Record.Event).OfType<Reading>())
            {
                judged.Add((reading, max - Readings.OutOfOrderness - 1));
                max = Math.Max(max ?? long.MinValue, Microseconds(reading.Time));
            }
        }

        // An event whose expression fails counts nowhere, but its time is as good as any other's.
        judged.RemoveAll(row => Fragile.Fails(row.Event));
        return new()
        {
            [Readings.BySensor] = Answer(judged, Readings.Minute, 0, 20 * Readings.Second, e => [e.Sensor], BySensor),
            [Readings.ByFloor] = Answer(
                judged.Where(row => row.Event.Room % 3 != 0), 5 * Readings.Minute, Readings.Minute, 0, e => [e.Room / 10, e.Price is null], ByFloor),
        };
    }

    private static ViewAnswer Answer(
        IEnumerable<(Reading Event, long? Watermark)> rows,
        long size,
        long offset,
        long lateness,
        Func<Reading, object?[]> key,
        Func<List<Reading>, object?[]> results)
    {
        ILookup<bool, Reading> byLateness = rows.ToLookup(
            row => row.Watermark >= WindowStart(row.Event, size, offset) + size - 1 + lateness, row => row.Event);
        List<string> Lines(bool late) =>
        [
            .. byLateness[late]
                .GroupBy(e => (Key: string.Join('|', key(e).Select(part => part is null ? "null" : $"={part}")), Start: WindowStart(e, size, offset)))
                .Select(group => Answers.Line(
                    key(group.First()), group.Key.Start, group.Key.Start + size, group.Count(), results([.. group])))
                .Order(StringComparer.Ordinal),
        ];
        return new ViewAnswer(Lines(late: false), Lines(late: true));
    }

    // Levels are multiples of 1/1024 so small that their sums are exact in any order.
    private static object?[] BySensor(List<Reading> events) =>
    [
        (long)events.Count,
        Sum(events),
        events.Sum(e => e.Level),
        events.Average(e => e.Level),
        events.Min(e => e.Units),
        events.Max(e => e.Units),
        Shortest(events.Sum(e => e.Price ?? 0)),
    ];

    private static object?[] ByFloor(List<Reading> events) => [(long)events.Count, Sum(events)];

    private static BigInteger Sum(List<Reading> events) => events.Aggregate(BigInteger.Zero, (sum, e) => sum + e.Units);

    private static decimal Shortest(decimal value) => value / 1.0000000000000000000000000000m;

    private static long WindowStart(Reading reading, long size, long offset) =>
        (long)Math.Floor((decimal)(Microseconds(reading.Time) - offset) / size) * size + offset;

    private static long Microseconds(DateTimeOffset time) => (long)Math.Floor((time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10m);
}
