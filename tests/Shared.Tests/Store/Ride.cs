using Lambda.Aggregation;
using Lambda.Aggregation.Sql;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Tests.Store;

/// <summary>Events of many types, and views of every form over them.</summary>
public sealed record Ride(
    string Id, DateTime At, string? City, long Fare, double Score, decimal Tip, bool Shared, DateOnly Day, TimeSpan Took, Weather Weather)
{
    /// <summary>The aggregate that SQL cannot finish.</summary>
    public const string LeftOut = "cities";

    internal static StreamDefinition Stream()
    {
        StreamBuilder<Ride> rides = new StreamBuilder<Ride>("rides")
            .EventTime(r => r.At).EventId(r => r.Id).PartitionBy(r => r.Fare).OutOfOrderness(TimeSpan.FromMinutes(2)).Partitions(2);
        Declare(rides.View("by_hour").GroupBy(r => new { r.City, r.Shared }).Window(Tumbling.Every(TimeSpan.FromHours(1))));
        Declare(rides.View("by_day").Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))));
        Declare(rides.View("sliding").GroupBy(r => r.City).Window(Sliding.Every(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(7))));
        Declare(rides.View("overlapping").GroupBy(r => r.Weather).Window(Sliding.Every(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(60))));
        Declare(rides.View("gaps").Window(Sliding.Every(TimeSpan.FromMinutes(40), TimeSpan.FromMinutes(15))));
        Declare(rides.View("sessions").GroupBy(r => r.City).Window(Session.WithGap(TimeSpan.FromMinutes(4))).AllowedLateness(TimeSpan.FromMinutes(1)));
        Declare(rides.View("ever").GroupBy(r => r.Day).Window(AllTime.Window));
        rides.View("counted").GroupBy(r => r.Fare).Window(Count.Of(3, TimeSpan.FromHours(1))).Aggregate(a => new { Rides = a.Count() });
        return Catalog.Build([rides]).Streams[0];
    }

    private static void Declare(ViewBuilder<Ride> view) => view.Aggregate(a => new
    {
        Events = a.Count(),
        Scored = a.Count(r => r.City),
        Shared2 = a.CountIf(r => r.Shared),
        FareSum = a.Sum(r => r.Fare),
        FareMean = a.Average(r => r.Fare),
        FareVariance = a.Variance(r => r.Fare),
        FareSpread = a.PopulationStdDev(r => r.Fare),
        ScoreSum = a.Sum(r => r.Score),
        ScoreMean = a.Average(r => r.Score),
        ScoreVariance = a.PopulationVariance(r => r.Score),
        ScoreSpread = a.StdDev(r => r.Score),
        RootSum = a.Sum(r => Math.Sqrt(r.Score)),
        InverseSum = a.Sum(r => 1 / r.Score),
        InverseVariance = a.Variance(r => 1 / r.Score),
        HugeSum = a.Sum(r => r.Score * 1e306),
        TinyMean = a.Average(r => r.Score * 1e-320),
        LeastRoot = a.Min(r => Math.Sqrt(r.Score)),
        GreatestRoot = a.Max(r => Math.Sqrt(r.Score)),
        TipSum = a.Sum(r => r.Tip),
        TipMean = a.Average(r => r.Tip),
        LeastTip = a.Min(r => r.Tip),
        FirstCity = a.Min(r => r.City),
        LastDay = a.Max(r => r.Day),
        Longest = a.Max(r => r.Took),
        AnyShared = a.Max(r => r.Shared),
        Opening = a.First(r => r.City),
        Closing = a.Last(r => r.Fare),
        Latest = a.Max(r => r.At),
        Sky = a.Last(r => r.Weather),
        CityOfLeastRoot = a.MinBy(r => r.City, r => Math.Sqrt(r.Score)),
        DayOfMostFare = a.MaxBy(r => r.Day, r => r.Fare),
        Furthest = a.Custom(new Furthest(), r => r.Fare),
        Cities = a.CountDistinct(r => r.City),
    });
}

/// <summary>What it is like outside.</summary>
public enum Weather
{
    /// <summary>Dry.</summary>
    Sunny,

    /// <summary>Wet.</summary>
    Rain,
}

/// <summary>The greatest distance from zero: an aggregator as a user would write it, with SQL.</summary>
internal readonly struct Furthest : IAggregator<long, long, long>, ISqlAggregator
{
    public string Signature => "furthest";

    public IReadOnlyList<StateColumn> StateColumns => [new StateColumn("", ColumnType.Int64)];

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "max({0})")];

    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, long value) => accumulator = Math.Max(accumulator, Math.Abs(value));

    public void Merge(ref long accumulator, in long other) => accumulator = Math.Max(accumulator, other);

    public long GetResult(in long accumulator) => accumulator;

    public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

    public long Read(StateReader reader) => reader.ReadInt64();
}
