using Lambda.Store;

namespace Lambda.Batch.Tests.Support;

/// <summary>Fills a platform with random orders: out of order, late, repeated in any partition, refused and undecodable ones.</summary>
internal sealed class RandomOrders(int seed, Platform platform)
{
    private static readonly string[] Shops = ["ams", "ber", "cph", "dub"];
    private static readonly byte[][] Undecodable =
    [
        "not json"u8.ToArray(), "{}"u8.ToArray(), [], "{\"id\":\"x\",\"at\":\"yesterday\",\"shop\":\"ams\",\"amount\":1,\"weight\":1}"u8.ToArray(),
    ];

    private readonly Random _random = new(seed);
    private readonly long[] _next = new long[Orders.Partitions];
    private TimeSpan _clock;

    /// <summary>Every decodable order in the log.</summary>
    public List<LoggedOrder> Logged { get; } = [];

    public int UndecodableCount { get; private set; }

    /// <summary>Appends some.</summary>
    public void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int partition = _random.Next(Orders.Partitions);
            double choice = _random.NextDouble();
            if (choice < 0.03)
            {
                platform.Append(partition, Undecodable[_random.Next(Undecodable.Length)]);
                _next[partition]++;
                UndecodableCount++;
                continue;
            }

            Order order = choice < 0.15 && Logged.Count > 0 ? Logged[_random.Next(Logged.Count)].Order : New();
            platform.Append(partition, order);
            Logged.Add(new LoggedOrder(partition, _next[partition]++, order));
        }
    }

    /// <summary>Appends an undecodable record to every partition.</summary>
    public void AppendUndecodable()
    {
        for (int partition = 0; partition < Orders.Partitions; partition++)
        {
            platform.Append(partition, Undecodable[_random.Next(Undecodable.Length)]);
            _next[partition]++;
            UndecodableCount++;
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
        _clock += TimeSpan.FromSeconds(_random.Next(0, 400));
        TimeSpan behind = _random.Next(5) == 0 ? TimeSpan.FromMinutes(_random.Next(0, 300)) : TimeSpan.FromMinutes(_random.Next(0, 8));
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
