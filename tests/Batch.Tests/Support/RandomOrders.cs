using Lambda.Store;

namespace Lambda.Batch.Tests.Support;

/// <summary>Whether a log has a record at each of its offsets.</summary>
public enum LogShape
{
    /// <summary>It has.</summary>
    Dense,

    /// <summary>It has offsets without a record among, before and behind the others.</summary>
    Sparse,
}

/// <summary>Where a producer puts records.</summary>
public enum Placement
{
    /// <summary>Anywhere, so that repetitions overtake one another.</summary>
    Anywhere,

    /// <summary>Those of a shop into one partition, as the stream is declared.</summary>
    ByShop,
}

/// <summary>Fills a platform with random orders: out of order, late, repeated in any partition, refused and undecodable ones.</summary>
internal sealed class RandomOrders(int seed, Platform platform, LogShape shape = LogShape.Dense)
{
    private static readonly string[] Shops = ["ams", "ber", "cph", "dub"];
    private static readonly byte[][] Undecodable =
    [
        "not json"u8.ToArray(), "{}"u8.ToArray(), [], "{\"id\":\"x\",\"at\":\"yesterday\",\"shop\":\"ams\",\"amount\":1,\"weight\":1}"u8.ToArray(),
    ];

    private readonly Random _random = new(seed);

    /// <summary>Decides on voids alone, so that a seed has the same orders with and without.</summary>
    private readonly Random _voids = new(seed);
    private TimeSpan _clock;

    /// <summary>Every decodable order in the log.</summary>
    public List<LoggedOrder> Logged { get; } = [];

    public int UndecodableCount { get; private set; }

    public Placement Placement { get; init; }

    /// <summary>How long late orders are late at most.</summary>
    public TimeSpan MostLate { get; init; } = TimeSpan.FromHours(5);

    /// <summary>Of how many orders, the last ones, one may be repeated.</summary>
    public int RepeatedAmong { get; init; } = int.MaxValue;

    /// <summary>How many seconds lie between two orders at most, but for those that are late.</summary>
    public int MostSecondsBetween { get; init; } = 400;

    /// <summary>Appends some.</summary>
    public void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int anywhere = _random.Next(Orders.Partitions);
            double choice = _random.NextDouble();
            if (choice < 0.03)
            {
                AppendUndecodable(anywhere);
                continue;
            }

            Order order = choice < 0.15 && Logged.Count > 0 ? Logged[Math.Max(0, Logged.Count - RepeatedAmong) + _random.Next(Math.Min(Logged.Count, RepeatedAmong))].Order : New();
            int partition = Placement == Placement.Anywhere ? anywhere : Array.IndexOf(Shops, order.Shop) % Orders.Partitions;
            AppendVoid(partition);
            Logged.Add(new LoggedOrder(partition, platform.Append(partition, order), order));
        }

        // The last transaction of a partition ends behind its last record.
        AppendVoid(_voids.Next(Orders.Partitions));
    }

    /// <summary>Appends an undecodable record to every partition.</summary>
    public void AppendUndecodable()
    {
        for (int partition = 0; partition < Orders.Partitions; partition++)
        {
            AppendUndecodable(partition);
        }
    }

    private void AppendUndecodable(int partition)
    {
        AppendVoid(partition);
        platform.Append(partition, Undecodable[_random.Next(Undecodable.Length)]);
        UndecodableCount++;
    }

    private void AppendVoid(int partition)
    {
        if (shape == LogShape.Sparse && _voids.Next(3) == 0)
        {
            platform.Log.Skip(Orders.Stream, partition, _voids.Next(20) == 0 ? _voids.Next(2_000_000) : _voids.Next(1, 4));
        }
    }

    /// <summary>Lets the speed layer come some way, cutting epochs where it happens.</summary>
    public async Task AdvanceSpeedAsync(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            await platform.SpeedAsync(
                _random.Next(Orders.Partitions), _random.Next(0, 40), _random.Next(4) == 0 ? EpochEnd.Seal : EpochEnd.KeepOpen);
        }
    }

    private Order New()
    {
        _clock += TimeSpan.FromSeconds(_random.Next(0, MostSecondsBetween));
        TimeSpan behind = _random.Next(5) == 0 ? TimeSpan.FromMinutes(_random.Next(0, (int)MostLate.TotalMinutes)) : TimeSpan.FromMinutes(_random.Next(0, 8));
        long amount = _random.Next(20) switch
        {
            0 => -_random.Next(0, 5),
            1 => Orders.BreaksCheck,
            2 => Orders.BreaksView,
            _ => _random.Next(20, 100),
        };

        // The same id at another time is another order.
        string id = $"o{(_random.Next(10) == 0 ? _random.Next(20) : Logged.Count + 100)}";

        // Multiples of 1/64 add up exactly in any order.
        return new Order(
            id, Orders.Day.Add(_clock - behind), Shops[_random.Next(Shops.Length)], amount, _random.Next(-1000, 1000) / 64.0,
            _random.Next(8) == 0 ? null : _random.Next(-5000, 5000) / 100m);
    }
}
