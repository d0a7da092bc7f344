using Lambda.Definition;
using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Windows;
using static Lambda.TestSupport.Oracle.OracleAggregate;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>The views that the property tests run, once as a user declares them and once in the oracle's plain functions.</summary>
internal static class ReadingViews
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const int Unlucky = 13;
    public static readonly TimeSpan FutureSkew = TimeSpan.FromHours(1);

    public static StreamDefinition Declared(TimeSpan outOfOrderness)
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("readings")
            .EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Site)
            .OutOfOrderness(outOfOrderness).MaxFutureSkew(FutureSkew)
            .Check("small", e => e.Count < 1000);
        stream.View("everything")
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new
            {
                Events = a.Count(),
                Sites = a.Count(e => e.Site),
                Counts = a.Count(e => e.MaybeCount),
                S1 = a.Sum(e => e.Count),
                S2 = a.Sum(e => e.MaybeCount),
                S3 = a.Sum(e => e.Amount),
                S4 = a.Sum(e => e.MaybeAmount),
                S5 = a.Sum(e => e.Ratio),
                S6 = a.Sum(e => e.MaybeRatio),
                S7 = a.Sum(e => e.Price),
                S8 = a.Sum(e => e.MaybePrice),
                A1 = a.Average(e => e.Count),
                A2 = a.Average(e => e.MaybeCount),
                A3 = a.Average(e => e.Amount),
                A4 = a.Average(e => e.MaybeAmount),
                A5 = a.Average(e => e.Ratio),
                A6 = a.Average(e => e.MaybeRatio),
                A7 = a.Average(e => e.Price),
                A8 = a.Average(e => e.MaybePrice),
            });
        stream.View("extremes")
            .Where(e => e.Flag).Where(e => e.Unit != "none")
            .GroupBy(e => e.Site)
            .Window(Tumbling.Every(TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(-3)))
            .AllowedLateness(TimeSpan.FromMinutes(10))
            .Aggregate(a => new
            {
                L1 = a.Min(e => e.Count),
                L2 = a.Min(e => e.MaybeCount),
                L3 = a.Min(e => e.Amount),
                L4 = a.Min(e => e.MaybeAmount),
                L5 = a.Min(e => e.Ratio),
                L6 = a.Min(e => e.MaybeRatio),
                L7 = a.Min(e => e.Price),
                L8 = a.Min(e => e.MaybePrice),
                M1 = a.Max(e => e.Count),
                M2 = a.Max(e => e.MaybeCount),
                M3 = a.Max(e => e.Amount),
                M4 = a.Max(e => e.MaybeAmount),
                M5 = a.Max(e => e.Ratio),
                M6 = a.Max(e => e.MaybeRatio),
                M7 = a.Max(e => e.Price),
                M8 = a.Max(e => e.MaybePrice),
            });
        stream.View("many_keys")
            .GroupBy(e => new { e.Site, Part = e.MaybeCount % 3, e.MaybeFlag, e.Seen, e.Flag, Day = e.Time })
            .Window(Tumbling.Every(TimeSpan.FromDays(1), TimeSpan.FromHours(36)))
            .AllowedLateness(TimeSpan.FromTicks(10))
            .Aggregate(a => new { Events = a.Count(), Total = a.Sum(e => (long)e.Count * 2) });
        stream.View("functions")
            .Where(e => ReadingFunctions.Score(e) % 5 != 0)
            .GroupBy(e => ReadingFunctions.Label(e.Unit, e.Site))
            .Window(Tumbling.Every(TimeSpan.FromTicks(12345670)))
            .Aggregate(a => new
            {
                Kinds = a.Custom(new DistinctRemainders(), e => e.Amount),
                Last = a.Custom(new LastByOrdinal(), e => e.Site!),
                Score = a.Sum(e => ReadingFunctions.Score(e)),
                Share = a.Max(e => 100 / (e.Count - Unlucky)),
                Product = a.Average(e => e.Product),
            });
        stream.View("steps")
            .Where(e => e.Unit != "K")
            .GroupBy(e => new { e.Site, e.Flag })
            .Window(Lambda.Windows.Count.Of(3, timeout: TimeSpan.FromMinutes(20)))
            .Aggregate(a => new { Steps = a.Count(), Total = a.Sum(e => e.Price), Last = a.Custom(new LastByOrdinal(), e => e.Unit) });
        return ((IStreamBuilder)stream).Build();
    }

    public static OracleModel<Reading> Expected(TimeSpan outOfOrderness) => new()
    {
        Time = e => OracleTime.Microseconds(e.Time),
        Id = e => e.Id,
        OutOfOrderness = outOfOrderness.Ticks / 10,
        RowCheck = e => e.Count < 1000,
        Throws = e => ReadingFunctions.Score(e) % 5 != 0 && e.Count == Unlucky,
        Views =
        [
            new()
            {
                Name = "everything",
                Windows = OracleSliding.Tumbling(60 * Minute),
                Aggregates =
                [
                    Count<Reading>(), Count<Reading>(e => e.Site), Count<Reading>(e => e.MaybeCount),
                    Sum<Reading>(e => (long?)e.Count), Sum<Reading>(e => (long?)e.MaybeCount), Sum<Reading>(e => e.Amount), Sum<Reading>(e => e.MaybeAmount),
                    Sum<Reading>(e => (double?)e.Ratio), Sum<Reading>(e => e.MaybeRatio), Sum<Reading>(e => (decimal?)e.Price), Sum<Reading>(e => e.MaybePrice),
                    Average<Reading>(e => (long?)e.Count), Average<Reading>(e => (long?)e.MaybeCount), Average<Reading>(e => (long?)e.Amount),
                    Average<Reading>(e => e.MaybeAmount), Average<Reading>(e => (double?)e.Ratio), Average<Reading>(e => e.MaybeRatio),
                    Average<Reading>(e => (decimal?)e.Price), Average<Reading>(e => e.MaybePrice),
                ],
            },
            new()
            {
                Name = "extremes",
                Filter = e => e.Flag && e.Unit != "none",
                Key = e => [e.Site],
                Windows = OracleSliding.Tumbling(7 * Minute, -3 * Minute),
                Lateness = 10 * Minute,
                Aggregates =
                [
                    Min<Reading>(e => (long?)e.Count), Min<Reading>(e => (long?)e.MaybeCount), Min<Reading>(e => (long?)e.Amount), Min<Reading>(e => e.MaybeAmount),
                    Min<Reading>(e => (double?)e.Ratio), Min<Reading>(e => e.MaybeRatio), Min<Reading>(e => (decimal?)e.Price), Min<Reading>(e => e.MaybePrice),
                    Max<Reading>(e => (long?)e.Count), Max<Reading>(e => (long?)e.MaybeCount), Max<Reading>(e => (long?)e.Amount), Max<Reading>(e => e.MaybeAmount),
                    Max<Reading>(e => (double?)e.Ratio), Max<Reading>(e => e.MaybeRatio), Max<Reading>(e => (decimal?)e.Price), Max<Reading>(e => e.MaybePrice),
                ],
            },
            new()
            {
                Name = "many_keys",
                Key = e => [
                    e.Site, e.MaybeCount % 3, e.MaybeFlag, e.Seen is { } seen ? OracleTime.Microseconds(new DateTimeOffset(seen, TimeSpan.Zero)) : null,
                    e.Flag, OracleTime.Microseconds(e.Time)],
                Windows = OracleSliding.Tumbling(24 * 60 * Minute, 36 * 60 * Minute),
                Lateness = 1,
                Aggregates = [Count<Reading>(), Sum<Reading>(e => (long)e.Count * 2)],
            },
            new()
            {
                Name = "functions",
                Filter = e => ReadingFunctions.Score(e) % 5 != 0,
                Key = e => [e.Site is null ? e.Unit : e.Unit + "/" + e.Site.Length],
                Windows = OracleSliding.Tumbling(1234567),
                Aggregates =
                [
                    events => events.Select(e => e.Amount & 63).Distinct().Count(),
                    events => events.Select(e => e.Site).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault(),
                    Sum<Reading>(e => (long?)ReadingFunctions.Score(e)),
                    Max<Reading>(e => (long?)(100 / (e.Count - Unlucky))),
                    Average<Reading>(e => (long?)e.Product),
                ],
            },
            new()
            {
                Name = "steps",
                Filter = e => e.Unit != "K",
                Key = e => [e.Site, e.Flag],
                Windows = new OracleCount(3, 20 * Minute),
                Aggregates =
                [
                    Count<Reading>(), Sum<Reading>(e => (decimal?)e.Price),
                    events => events.Select(e => e.Unit).Order(StringComparer.Ordinal).Last(),
                ],
            },
        ],
    };
}
