using System.Text;
using Lambda.Events;

namespace Lambda.Speed.Tests.Kafka;

/// <summary>A record as a foreign producer writes it, with what must become of it.</summary>
/// <param name="Value">The bytes; null for a tombstone.</param>
/// <param name="Beat">The event; null where there is none to be counted.</param>
/// <param name="Refusal">Why it belongs in quarantine; null for a good one.</param>
internal sealed record HostileRecord(byte[]? Value, Beat? Beat, RejectReason? Refusal);

/// <summary>Good records with one in a hundred among them that is not, of every kind that can be thought of.</summary>
internal sealed class HostileRecords(int seed)
{
    // Below what a broker takes by default: 1 MiB with key and overhead.
    private const int Huge = 1_000_000;

    private static readonly DateTimeOffset Start = new(2024, 2, 28, 23, 0, 0, TimeSpan.Zero);

    private static readonly Func<Random, int, (RejectReason Refusal, byte[]? Value)>[] Kinds =
    [
        (_, _) => (RejectReason.Malformed, null),
        (_, _) => (RejectReason.Malformed, []),
        (_, id) => (RejectReason.Malformed, Text(id)[..^1]),
        (_, id) => (RejectReason.Malformed, [.. Text(id), .. "{}"u8]),
        (_, id) => (RejectReason.Malformed, Encoding.Unicode.GetBytes($"{{\"id\":\"{id}\"}}")),
        (_, id) => (RejectReason.Malformed, Text(id, sensor: "\"\\ud800\"")),
        (_, id) => (RejectReason.Malformed, [.. Encoding.UTF8.GetBytes($"{{\"id\":\"{id}"), 0xC3, 0x28, .. "\"}"u8]),
        (random, _) => (RejectReason.Malformed, Binary(random, random.Next(1, 500))),
        (_, id) => (RejectReason.Malformed, Text(id, extra: $",\"deep\":{new string('[', 5000)}{new string(']', 5000)}")),
        (_, _) => (RejectReason.Malformed, Encoding.UTF8.GetBytes(new string('[', 20_000))),
        (_, id) => (RejectReason.WrongType, Text(id, units: "9223372036854775808")),
        (_, id) => (RejectReason.WrongType, Text(id, units: new string('9', 4000))),
        (_, id) => (RejectReason.WrongType, Text(id, units: "1e999999999")),
        (_, id) => (RejectReason.WrongType, Text(id, units: "\"1\"")),
        (_, id) => (RejectReason.WrongType, Text(id, sensor: "{}")),
        (_, id) => (RejectReason.MissingMember, Text(id, units: "null")),
        (_, id) => (RejectReason.InvalidEventTime, Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"sensor\":\"s\",\"units\":1}}")),
        (_, id) => (RejectReason.InvalidEventTime, Text(id, time: "null")),
        (_, id) => (RejectReason.InvalidEventTime, Text(id, time: "\"2024-02-30T00:00:00Z\"")),
        (_, id) => (RejectReason.FutureEventTime, Text(id, time: "\"9999-12-31T23:59:59.9999999Z\"")),
        (_, id) => (RejectReason.FutureEventTime, Text(id, time: "\"2999-01-01T00:00:00Z\"")),
    ];

    // Seldom, as each is a megabyte.
    private static readonly Func<Random, int, (RejectReason Refusal, byte[]? Value)>[] HugeKinds =
    [
        (random, _) => (RejectReason.Malformed, Binary(random, Huge)),
        (_, id) => (RejectReason.WrongType, Text(id, units: new string('7', Huge))),
        (_, id) => (RejectReason.MissingMember, Text(id, units: "null", extra: $",\"pad\":\"{new string('x', Huge)}\"")),
    ];

    public IEnumerable<HostileRecord> Create(int count)
    {
        Random random = new(seed);
        for (int id = 0; id < count; id++)
        {
            if (random.Next(100) > 0)
            {
                Beat beat = new($"b{id}", Start.AddMilliseconds(20L * id), $"sensor {random.Next(50)}", random.Next(-1000, 1000));
                string pad = random.Next(20_000) == 0 ? $",\"pad\":\"{new string('y', Huge)}\"" : "";
                yield return new HostileRecord(
                    Text(id, $"\"{beat.Time:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\"", $"\"{beat.Sensor}\"", $"{beat.Units}", pad), beat, null);
            }
            else
            {
                (RejectReason refusal, byte[]? value) = random.Next(60) == 0
                    ? HugeKinds[random.Next(HugeKinds.Length)](random, id)
                    : Kinds[random.Next(Kinds.Length)](random, id);
                yield return new HostileRecord(value, null, refusal);
            }
        }
    }

    private static byte[] Binary(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);

        // Not the beginning of any JSON, nor white space.
        bytes[0] |= 0x80;
        return bytes;
    }

    private static byte[] Text(
        int id, string time = "\"2024-02-28T23:00:00Z\"", string sensor = "\"sensor 1\"", string units = "1", string extra = "") =>
        Encoding.UTF8.GetBytes($"{{\"id\":\"b{id}\",\"time\":{time},\"sensor\":{sensor},\"units\":{units}{extra}}}");
}
