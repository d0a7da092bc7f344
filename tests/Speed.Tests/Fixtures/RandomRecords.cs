using System.Text;
using Lambda.Events;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>Random streams: time goes on with jumps, a part of the events is out of order, some far too late, some records are poison.</summary>
internal static class RandomRecords
{
    /// <summary>When time begins; append times must lie after all event times but those that are meant to be in the future.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An append time that makes none of the good events future ones.</summary>
    public static readonly DateTimeOffset AppendedAt = Start.AddDays(2);

    private static readonly string?[] Sensors = [null, "", "a", "b", "é☃", "a\0b", "sensor with a name that fits in no twelve bytes", "😀"];

    public static List<LogRecord> Create(Random random, int count)
    {
        List<LogRecord> records = [];
        DateTimeOffset now = Start;
        for (int i = 0; i < count; i++)
        {
            now += TimeSpan.FromMicroseconds(random.Next(100) switch
            {
                < 90 => random.NextInt64(3 * Readings.Second),
                < 99 => random.NextInt64(40 * Readings.Second),
                _ => random.NextInt64(10 * Readings.Minute),
            });
            records.Add(random.Next(12) == 0 ? Poison.Random(random, i) : LogRecord.Of(Create(random, i, now)));
        }

        return records;
    }

    private static Reading Create(Random random, int id, DateTimeOffset now)
    {
        // The edges of windows and of lateness are hit exactly now and then.
        long behind = random.Next(10) switch
        {
            < 5 => 0,
            < 8 => random.NextInt64(35 * Readings.Second),
            8 => random.NextInt64(3 * Readings.Minute),
            _ => random.NextInt64(600 * Readings.Minute),
        };
        DateTimeOffset time = now - TimeSpan.FromMicroseconds(behind);
        if (random.Next(8) == 0)
        {
            time = new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero).AddMicroseconds(random.Next(-1, 1));
        }

        return new Reading(
            $"r{id}",
            time,
            Sensors[random.Next(Sensors.Length)],
            random.Next(60) switch { 0 => Fragile.FilterThrows, 1 => Fragile.KeyThrows, var room => room },
            random.Next(50) == 0 ? Fragile.ValueThrows : random.Next(20) == 0 ? long.MaxValue - random.Next(3) : random.NextInt64(-1000, 1000),
            random.NextInt64(-1L << 40, 1L << 40) / 1024.0,
            Math.ScaleB(random.NextDouble() - 0.5, random.Next(-300, 300)),
            random.Next(4) == 0 ? null : random.Next(100_000) / 100m);
    }
}

/// <summary>Records that must go to quarantine and do nothing else.</summary>
internal static class Poison
{
    public static LogRecord Random(Random random, int id)
    {
        IReadOnlyList<LogRecord> all = All;
        LogRecord chosen = all[random.Next(all.Count)];
        return chosen with { Key = Encoding.UTF8.GetBytes($"k{id % 5}") };
    }

    /// <summary>One of each kind.</summary>
    public static IReadOnlyList<LogRecord> All { get; } =
    [
        LogRecord.Bad(RejectReason.Malformed, ""),
        LogRecord.Bad(RejectReason.Malformed, "{"),
        LogRecord.Bad(RejectReason.Malformed, "null"),
        LogRecord.Bad(RejectReason.Malformed, "[1]"),
        LogRecord.Bad(RejectReason.Malformed, "\"text\""),
        LogRecord.Bad(RejectReason.Malformed, Json() + " {}"),
        LogRecord.Bad(RejectReason.Malformed, Json()[..^1]),
        LogRecord.Bad(RejectReason.Malformed, [0xFF, 0xFE, 0x00]),
        LogRecord.Bad(RejectReason.Malformed, [.. Encoding.UTF8.GetBytes("{\"id\":\""), 0xC3, 0x28, .. "\"}"u8]),
        LogRecord.Bad(RejectReason.Malformed, Json(sensor: "\"\\ud800\"")),
        LogRecord.Bad(RejectReason.Malformed, Json(extra: $",\"deep\":{new string('[', 5000)}{new string(']', 5000)}")),
        LogRecord.Bad(RejectReason.Malformed, new string('[', 100_000)),
        LogRecord.Bad(RejectReason.WrongType, Json(room: "\"7\"")),
        LogRecord.Bad(RejectReason.WrongType, Json(room: "4294967296")),
        LogRecord.Bad(RejectReason.WrongType, Json(units: "1.5")),
        LogRecord.Bad(RejectReason.WrongType, Json(units: "9223372036854775808")),
        LogRecord.Bad(RejectReason.WrongType, Json(level: "1e999")),
        LogRecord.Bad(RejectReason.WrongType, Json(sensor: "{}")),
        LogRecord.Bad(RejectReason.WrongType, Json(id: "17")),
        LogRecord.Bad(RejectReason.MissingMember, Json(id: "null")),
        LogRecord.Bad(RejectReason.MissingMember, Json(units: "null")),
        LogRecord.Bad(RejectReason.MissingMember, $"{{\"id\":\"x\",\"time\":\"2026-01-01T00:00:00Z\"}}"),
        LogRecord.Bad(RejectReason.InvalidEventTime, Json(time: "null")),
        LogRecord.Bad(RejectReason.InvalidEventTime, Json(time: "1767225600")),
        LogRecord.Bad(RejectReason.InvalidEventTime, Json(time: "\"2026-13-01T00:00:00Z\"")),
        LogRecord.Bad(RejectReason.InvalidEventTime, Json(time: "\"+12026-01-01T00:00:00Z\"")),
        LogRecord.Bad(RejectReason.InvalidEventTime, Json(time: "\"yesterday\"")),
        LogRecord.Bad(RejectReason.FutureEventTime, Json(time: "\"9999-12-31T23:59:59.9999999Z\"")),
        LogRecord.Bad(RejectReason.FutureEventTime, Json(time: "\"2026-01-03T01:00:01Z\"")),
    ];

    public static string Json(
        string id = "\"x\"",
        string time = "\"2026-01-01T00:00:00Z\"",
        string sensor = "\"a\"",
        string room = "7",
        string units = "1",
        string level = "0.5",
        string extra = "") =>
        $"{{\"id\":{id},\"time\":{time},\"sensor\":{sensor},\"room\":{room},\"units\":{units},\"level\":{level},\"wild\":1,\"price\":null{extra}}}";
}
