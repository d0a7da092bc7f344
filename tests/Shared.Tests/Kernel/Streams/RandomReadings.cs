using System.Text.Encodings.Web;
using System.Text.Json;
using Lambda.TestSupport.Oracle;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>A record of a random stream: the oracle's view of it, its bytes, and when the log took it.</summary>
internal sealed record RandomRecord(OracleRecord<Reading> Expected, byte[] Json, long AppendedAt);

/// <summary>Streams with disorder, repetitions, bad records and hostile values, all from one seed.</summary>
internal sealed class RandomReadings(int seed, bool withNonFinite = false)
{
    private const long Microsecond = 10;

    private static readonly string?[] Sites =
        [null, "", "a", "A", "ß", "日本", "🚀", "e\u0301", "é", "\0", "\"\\\n", "Ω", new string('x', 300)];

    private static readonly string[] Units = ["none", "kg", "K", "m²"];
    private static readonly long[] Longs = [0, 1, -1, long.MaxValue, long.MinValue, 1L << 53, (1L << 53) + 1, -7];

    private static readonly double[] Doubles =
        [0, -0.0, 1, -1, 0.1, double.MaxValue, -double.MaxValue, double.Epsilon, -double.Epsilon, 1e16, 1e-300, Math.PI];

    private static readonly double[] NonFinite = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static readonly decimal[] Decimals =
        [0, new decimal(0, 0, 0, true, 3), 1.0m, 1.00m, -1, 0.1m, decimal.MaxValue, decimal.MinValue, 1e-28m, -1e-28m, 10, 12345.6700m];

    /// <summary>Where the streams lie: before 1970, at both ends of the calendar, and today.</summary>
    private static readonly DateTime[] Eras =
        [new(1969, 12, 31, 23, 0, 0), DateTime.MinValue, new(9999, 12, 31, 20, 0, 0), new(2024, 2, 29, 12, 0, 0), new(1, 1, 3)];

    private static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web);
    private static readonly JsonSerializerOptions Relaxed =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    private readonly Random _random = new(seed);

    /// <summary>Where the stream lies; null for any era.</summary>
    public DateTime? Era { get; init; }

    /// <summary>Records per partition, by offset.</summary>
    public IReadOnlyList<IReadOnlyList<RandomRecord>> Next(int partitions, int records)
    {
        List<RandomRecord>[] log = [.. Enumerable.Range(0, partitions).Select(_ => new List<RandomRecord>())];
        DateTime era = Era ?? Eras[_random.Next(Eras.Length)];
        long spread = _random.Next(3) switch { 0 => 60, 1 => 4 * 3600, _ => 3 * 86400 };
        List<Reading> sent = [];
        for (int i = 0; i < records; i++)
        {
            int partition = _random.Next(partitions);
            long offset = log[partition].Count == 0 ? _random.Next(3) : log[partition][^1].Expected.Offset + 1 + (_random.Next(10) / 9);
            log[partition].Add(_random.Next(25) == 0 && !withNonFinite ? Bad(partition, offset) : Good(partition, offset, Event(i, era, spread, sent)));
        }

        return log;
    }

    private Reading Event(int number, DateTime era, long spreadSeconds, List<Reading> sent)
    {
        if (sent.Count > 0 && _random.Next(12) == 0)
        {
            return sent[_random.Next(sent.Count)];
        }

        // Half of the times are whole minutes, so that many are equal and many stand on the edges of windows.
        long ticks = _random.NextInt64(spreadSeconds) * TimeSpan.TicksPerSecond;
        ticks = _random.Next(2) == 0
            ? ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute - (_random.Next(2) * Microsecond)
            : ticks + _random.NextInt64(TimeSpan.TicksPerSecond);
        ticks = Math.Clamp(era.Ticks + ticks, 0, DateTime.MaxValue.Ticks);
        Reading reading = new($"r{number}", new DateTimeOffset(ticks, TimeSpan.Zero))
        {
            Site = Sites[_random.Next(Sites.Length)],
            Unit = Units[_random.Next(Units.Length)],
            Count = _random.Next(6) switch { 0 => int.MaxValue, 1 => int.MinValue, 2 => 13, _ => _random.Next(-3, 30) },
            MaybeCount = _random.Next(3) == 0 ? null : _random.Next(-9, 9),
            Amount = _random.Next(3) == 0 ? Longs[_random.Next(Longs.Length)] : _random.Next(-100, 100),
            MaybeAmount = _random.Next(3) == 0 ? null : Longs[_random.Next(Longs.Length)],
            Ratio = Double(),
            MaybeRatio = _random.Next(3) == 0 ? null : Double(),
            Price = Decimals[_random.Next(Decimals.Length)],
            MaybePrice = _random.Next(3) == 0 ? null : Decimals[_random.Next(Decimals.Length)],
            Flag = _random.Next(2) == 0,
            MaybeFlag = _random.Next(3) switch { 0 => null, 1 => true, _ => false },
            Seen = _random.Next(3) == 0 ? null : new DateTime(_random.Next(2) * 1_000_000_000L, DateTimeKind.Utc),
        };
        sent.Add(reading);
        return reading;
    }

    private double Double() => withNonFinite && _random.Next(8) == 0
        ? NonFinite[_random.Next(NonFinite.Length)]
        : _random.Next(2) == 0 ? Doubles[_random.Next(Doubles.Length)] : _random.NextDouble() * 1e3;

    private RandomRecord Good(int partition, long offset, Reading reading)
    {
        // As far ahead of the log's time as the stream allows, at most.
        long appendedAt = OracleTime.Microseconds(reading.Time) - (_random.Next(2) * (ReadingViews.FutureSkew.Ticks / 10));
        byte[] json = withNonFinite ? [] : JsonSerializer.SerializeToUtf8Bytes(reading, _random.Next(2) == 0 ? Plain : Relaxed);
        return new(new(partition, offset, reading), json, appendedAt);
    }

    private RandomRecord Bad(int partition, long offset)
    {
        RandomRecord good = Good(partition, offset, Event(-offset.GetHashCode(), Eras[3], 3600, []));
        OracleRecord<Reading> expected = new(partition, offset, null);
        return _random.Next(4) switch
        {
            0 => new(expected, good.Json[..^1], good.AppendedAt),
            1 => new(expected, "{\"id\":\"x\"}"u8.ToArray(), 0),
            2 => new(expected, [], 0),
            _ => new(expected, good.Json, OracleTime.Microseconds(good.Expected.Event!.Time) - (ReadingViews.FutureSkew.Ticks / 10) - 1),
        };
    }
}
