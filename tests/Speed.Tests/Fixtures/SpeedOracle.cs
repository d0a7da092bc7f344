using Lambda.TestSupport.Oracle;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>The stream of <see cref="Readings"/> in plain functions, for the oracle.</summary>
internal static class SpeedOracle
{
    private static readonly OracleModel<Reading> Model = new()
    {
        Time = e => OracleTime.Microseconds(e.Time),
        OutOfOrderness = Readings.OutOfOrderness,
        Throws = Fragile.Fails,
        Views =
        [
            new OracleView<Reading>
            {
                Name = Readings.BySensor,
                Key = e => [e.Sensor],
                Windows = OracleSliding.Tumbling(Readings.Minute),
                Lateness = 20 * Readings.Second,
                Aggregates =
                [
                    OracleAggregate.Count<Reading>(),
                    OracleAggregate.Sum<Reading>(e => (long?)e.Units),
                    OracleAggregate.Sum<Reading>(e => (double?)e.Level),
                    OracleAggregate.Average<Reading>(e => (double?)e.Level),
                    OracleAggregate.Min<Reading>(e => (long?)e.Units),
                    OracleAggregate.Max<Reading>(e => (long?)e.Units),
                    OracleAggregate.Sum<Reading>(e => e.Price),
                    OracleAggregate.Sum<Reading>(e => (double?)e.Wild),
                ],
            },
            new OracleView<Reading>
            {
                Name = Readings.ByFloor,
                Filter = e => e.Room % 3 != 0,
                Key = e => [e.Room / 10, e.Price is null],
                Windows = OracleSliding.Tumbling(5 * Readings.Minute, Readings.Minute),
                Aggregates =
                [
                    OracleAggregate.Count<Reading>(),
                    OracleAggregate.Sum<Reading>(e => (long?)e.Units),
                    OracleAggregate.Sum<Reading>(e => (double?)e.Wild),
                ],
            },
            new OracleView<Reading>
            {
                Name = Readings.Visits,
                Key = e => [e.Sensor],
                Windows = new OracleSessions(40 * Readings.Second),
                Lateness = 5 * Readings.Second,
                Aggregates =
                [
                    OracleAggregate.Count<Reading>(),
                    OracleAggregate.Min<Reading>(e => (long?)e.Units),
                    OracleAggregate.Sum<Reading>(e => (double?)e.Wild),
                ],
            },
            new OracleView<Reading>
            {
                Name = Readings.ByThree,
                Filter = e => e.Room % 3 != 0,
                Key = e => [e.Sensor],
                Windows = new OracleCount(3, 40 * Readings.Second),
                Aggregates =
                [
                    OracleAggregate.Count<Reading>(),
                    OracleAggregate.Sum<Reading>(e => (long?)e.Units),
                    OracleAggregate.Sum<Reading>(e => (double?)e.Wild),
                ],
            },
        ],
    };

    public static Dictionary<string, ViewAnswer> Answer(IEnumerable<(int Partition, long Offset, LogRecord Record)> records) =>
        NaiveOracle.Speed(Model, records.Select(row => new OracleRecord<Reading>(row.Partition, row.Offset, row.Record.Event)))
            .ToDictionary(view => view.Key, view => new ViewAnswer(view.Value.Accepted, view.Value.Late));
}
