using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>The event of these tests: one member of every kind that matters, keys that may be null, numbers of every type.</summary>
public sealed record Reading(string Id, DateTimeOffset Time, string? Sensor, int Room, long Units, double Level, double Wild, decimal? Price);

/// <summary>Expressions that throw for some events, as users' methods do.</summary>
public static class Fragile
{
    public const int FilterThrows = -1;
    public const int KeyThrows = -2;
    public const long ValueThrows = 666;

    public static bool IsCounted(int room) => room == FilterThrows ? throw new ArgumentException("no such room") : room % 3 != 0;

    public static int Floor(int room) => room == KeyThrows ? throw new InvalidOperationException("no such floor") : room / 10;

    public static long Checked(long units) => units == ValueThrows ? throw new ArithmeticException("bad units") : units;

    public static bool Fails(Reading reading) => reading.Room is FilterThrows or KeyThrows || reading.Units == ValueThrows;
}

internal static class Readings
{
    public const string BySensor = "by_sensor";
    public const string ByFloor = "by_floor";
    public const string Visits = "visits";
    public const string ByThree = "by_three";
    public const long Second = 1_000_000;
    public const long Minute = 60 * Second;
    public const long OutOfOrderness = 30 * Second;
    public const long MaxFutureSkew = 3600 * Second;

    /// <summary>
    /// Four views: one takes everything and waits for late events, one filters, groups by a computed key and waits for nothing, one has sessions and one
    /// counts.
    /// </summary>
    public static StreamDefinition Stream(string name = "readings", int partitions = 1) => Catalog(name, partitions).Streams[0];

    /// <summary>An application of that one stream.</summary>
    public static Catalog Catalog(string name, int partitions)
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>(name)
            .EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Sensor)
            .OutOfOrderness(TimeSpan.FromMicroseconds(OutOfOrderness)).MaxFutureSkew(TimeSpan.FromMicroseconds(MaxFutureSkew))
            .Partitions(partitions);
        stream.View(BySensor)
            .GroupBy(e => e.Sensor)
            .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
            .AllowedLateness(TimeSpan.FromSeconds(20))
            .Aggregate(a => new
            {
                Events = a.Count(),
                Units = a.Sum(e => Fragile.Checked(e.Units)),
                Level = a.Sum(e => e.Level),
                MeanLevel = a.Average(e => e.Level),
                Least = a.Min(e => e.Units),
                Most = a.Max(e => e.Units),
                Price = a.Sum(e => e.Price),
                Wild = a.Sum(e => e.Wild),
            });
        stream.View(ByFloor)
            .Where(e => Fragile.IsCounted(e.Room))
            .GroupBy(e => new { Floor = Fragile.Floor(e.Room), Cheap = e.Price == null })
            .Window(Tumbling.Every(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)))
            .Aggregate(a => new { Events = a.Count(), Units = a.Sum(e => e.Units), Wild = a.Sum(e => e.Wild) });
        stream.View(Visits)
            .GroupBy(e => e.Sensor)
            .Window(Session.WithGap(TimeSpan.FromSeconds(40)))
            .AllowedLateness(TimeSpan.FromSeconds(5))
            .Aggregate(a => new { Events = a.Count(), Least = a.Min(e => e.Units), Wild = a.Sum(e => e.Wild) });
        stream.View(ByThree)
            .Where(e => Fragile.IsCounted(e.Room))
            .GroupBy(e => e.Sensor)
            .Window(Lambda.Windows.Count.Of(3, timeout: TimeSpan.FromSeconds(40)))
            .Aggregate(a => new { Events = a.Count(), Units = a.Sum(e => e.Units), Wild = a.Sum(e => e.Wild) });
        return Definition.Catalog.Build([stream]);
    }
}
