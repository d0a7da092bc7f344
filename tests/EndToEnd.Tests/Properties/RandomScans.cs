using System.Text;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>A record to append.</summary>
/// <param name="Key">What decides on the partition.</param>
/// <param name="Value">The bytes.</param>
/// <param name="Event">What they mean; null when they are no good event.</param>
internal sealed record RandomRecord(byte[] Key, byte[] Value, Scan? Event);

/// <summary>A stream with disorder, late events, repetitions, refused and undecodable records and keys of every kind.</summary>
internal sealed class RandomScans(Random random)
{
    private static readonly DateTimeOffset Start = new(2024, 2, 28, 20, 0, 0, TimeSpan.Zero);
    private static readonly string?[] Depots = [null, "", "ams", "AMS", "Zürich", "日本", "🚚", "e\u0301", "é", "a\"\\\n", "'; --"];

    private readonly List<Scan> _sent = [];
    private TimeSpan _clock;

    public IReadOnlyList<RandomRecord> Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private RandomRecord Next()
    {
        int choice = random.Next(100);
        if (choice < 6)
        {
            return Bad();
        }

        Scan scan = choice switch
        {
            < 12 when _sent.Count > 0 => _sent[random.Next(_sent.Count)],
            < 16 when _sent.Count > 0 => New() with { Id = _sent[random.Next(_sent.Count)].Id },
            _ => New(),
        };
        _sent.Add(scan);

        // A producer that has its own idea of keys puts repetitions into several partitions.
        string key = random.Next(10) == 0 ? $"other {random.Next(4)}" : scan.Depot ?? "";
        return new RandomRecord(Encoding.UTF8.GetBytes(key), scan.ToJson(), scan);
    }

    private Scan New()
    {
        _clock += TimeSpan.FromSeconds(random.Next(0, 240));
        TimeSpan behind = random.Next(6) == 0 ? TimeSpan.FromMinutes(random.Next(0, 400)) : TimeSpan.FromSeconds(random.Next(0, 900));
        DateTimeOffset at = Start + _clock - behind;
        if (random.Next(4) == 0)
        {
            // On the edge of a window, or just before it.
            at = new DateTimeOffset(at.UtcTicks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, TimeSpan.Zero).AddMicroseconds(-random.Next(2));
        }

        return new Scan(
            $"s{_sent.Count}", at, Depots[random.Next(Depots.Length)],
            random.Next(14) switch { 0 => -random.Next(1, 9), 1 => Scan.Unlucky, 2 => Scan.Unlucky + 2, _ => random.Next(0, 60) },
            random.Next(8) == 0 ? long.MaxValue - random.Next(3) : random.Next(-50, 100),
            random.Next(3) == 0 ? random.NextDouble() * Math.Pow(10, random.Next(-20, 20)) : random.Next(-9, 9) / 10.0,
            random.Next(5) == 0 ? null : random.Next(-10_000, 10_000) / 100m,
            random.Next(3) switch { 0 => null, 1 => true, _ => false });
    }

    private RandomRecord Bad()
    {
        Scan scan = New();
        byte[] json = scan.ToJson();
        byte[] value = random.Next(6) switch
        {
            0 => json[..^1],
            1 => "not json"u8.ToArray(),
            2 => [],
            3 => "{\"id\":\"x\",\"at\":\"yesterday\",\"depot\":\"ams\",\"weight\":1,\"value\":1,\"length\":1}"u8.ToArray(),
            4 => (scan with { At = new DateTimeOffset(2150, 1, 1, 0, 0, 0, TimeSpan.Zero) }).ToJson(),
            _ => "{\"id\":\"x\",\"at\":\"2024-02-28T20:00:00Z\",\"depot\":\"ams\",\"weight\":\"heavy\",\"value\":1,\"length\":1}"u8.ToArray(),
        };
        return new RandomRecord("bad"u8.ToArray(), value, null);
    }
}
