using Lambda.Definition;
using Lambda.TestSupport.Oracle;
using Lambda.Windows;
using static Lambda.TestSupport.Oracle.OracleAggregate;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>The views over scans, once as a user declares them and once in the oracle's plain functions.</summary>
internal static class ScanViews
{
    public const string Stream = "scans";
    private const long Minute = 60_000_000;

    /// <summary>Ahead of UTC by five hours and three quarters.</summary>
    private const string Zone = "Asia/Kathmandu";

    /// <param name="partitions">How many partitions the stream has.</param>
    /// <param name="outOfOrderness">By how much events may be behind.</param>
    /// <param name="patience">By how much longer than usual windows of depots wait for late events.</param>
    public static Catalog Declared(int partitions, TimeSpan outOfOrderness, TimeSpan patience = default)
    {
        StreamBuilder<Scan> stream = new StreamBuilder<Scan>(Stream)
            .EventTime(s => s.At).EventId(s => s.Id).PartitionBy(s => s.Depot).Partitions(partitions)
            .OutOfOrderness(outOfOrderness)
            .Check("has a weight", s => s.Weight >= Scan.LeastWeight);
        stream.View("by_depot")
            .Where(s => 100 / (s.Weight - Scan.Unlucky) != 50)
            .GroupBy(s => s.Depot)
            .Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .AllowedLateness(TimeSpan.FromMinutes(10) + patience)
            .Aggregate(a => new
            {
                Scans = a.Count(),
                Weight = a.Sum(s => s.Weight),
                Heaviest = a.Max(s => s.Weight),
                Length = a.Sum(s => s.Length),
                MeanLength = a.Average(s => s.Length),
                MeanFee = a.Average(s => s.Fee),
            });
        stream.View("overall")
            .Window(Tumbling.Every(TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Scans = a.Count(), Value = a.Sum(s => s.Value), Fees = a.Sum(s => s.Fee), Shortest = a.Min(s => s.Length) });
        stream.View("daily")
            .Where(s => s.Value > 0)
            .GroupBy(s => new { s.Depot, s.Express })
            .Window(Tumbling.Every(TimeSpan.FromDays(1), TimeSpan.FromHours(3)))
            .AllowedLateness(TimeSpan.FromHours(1))
            .Aggregate(a => new { Scans = a.Count(), MeanValue = a.Average(s => s.Value) });
        stream.View("rushes")
            .Where(s => s.Value != 7)
            .GroupBy(s => s.Express)
            .Window(Session.WithGap(TimeSpan.FromMinutes(4)))
            .AllowedLateness(TimeSpan.FromMinutes(5))
            .Aggregate(a => new { Scans = a.Count(), Heaviest = a.Max(s => s.Weight), Length = a.Sum(s => s.Length) });
        stream.View("activity")
            .Window(Session.WithGap(TimeSpan.FromMinutes(2)))
            .Aggregate(a => new { Scans = a.Count(), MeanFee = a.Average(s => s.Fee) });
        stream.View("rounds")
            .Where(s => s.Weight != 1)
            .GroupBy(s => s.Depot)
            .Window(Lambda.Windows.Count.Of(4, timeout: TimeSpan.FromMinutes(30)))
            .Aggregate(a => new { Scans = a.Count(), Weight = a.Sum(s => s.Weight), Longest = a.Max(s => s.Length), Fees = a.Sum(s => s.Fee) });
        stream.View("moving")
            .GroupBy(s => s.Depot)
            .Window(Sliding.Every(slide: TimeSpan.FromMinutes(20), size: TimeSpan.FromMinutes(50), offset: TimeSpan.FromMinutes(-3)))
            .AllowedLateness(TimeSpan.FromMinutes(15))
            .Aggregate(a => new { Scans = a.Count(), Value = a.Sum(s => s.Value), Longest = a.Max(s => s.Length) });
        stream.View("sampled")
            .Window(Sliding.Every(slide: TimeSpan.FromMinutes(30), size: TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Scans = a.Count(), Weight = a.Average(s => s.Weight) });
        stream.View("business_days")
            .GroupBy(s => s.Express)
            .Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById(Zone), new TimeOnly(4, 0)))
            .Aggregate(a => new { Scans = a.Count(), Fees = a.Sum(s => s.Fee) });
        stream.View("ever")
            .GroupBy(s => s.Depot)
            .Window(AllTime.Window)
            .Aggregate(a => new { Scans = a.Count(), Value = a.Sum(s => s.Value) });
        return Catalog.Build([stream]);
    }

    public static OracleModel<Scan> Expected(TimeSpan outOfOrderness, TimeSpan patience = default) => new()
    {
        Time = s => OracleTime.Microseconds(s.At),
        Id = s => s.Id,
        OutOfOrderness = outOfOrderness.Ticks / TimeSpan.TicksPerMicrosecond,
        RowCheck = s => s.Weight >= Scan.LeastWeight,
        Throws = s => s.Weight == Scan.Unlucky,
        Views =
        [
            new()
            {
                Name = "by_depot",
                Filter = s => 100 / (s.Weight - Scan.Unlucky) != 50,
                Key = s => [s.Depot],
                Windows = OracleSliding.Tumbling(60 * Minute),
                Lateness = (10 * Minute) + (patience.Ticks / TimeSpan.TicksPerMicrosecond),
                Aggregates =
                [
                    Count<Scan>(), Sum<Scan>(s => (long?)s.Weight), Max<Scan>(s => (long?)s.Weight), Sum<Scan>(s => (double?)s.Length),
                    Average<Scan>(s => (double?)s.Length), Average<Scan>(s => s.Fee),
                ],
            },
            new()
            {
                Name = "overall",
                Windows = OracleSliding.Tumbling(10 * Minute),
                Aggregates = [Count<Scan>(), Sum<Scan>(s => (long?)s.Value), Sum<Scan>(s => s.Fee), Min<Scan>(s => (double?)s.Length)],
            },
            new()
            {
                Name = "daily",
                Filter = s => s.Value > 0,
                Key = s => [s.Depot, s.Express],
                Windows = OracleSliding.Tumbling(24 * 60 * Minute, 3 * 60 * Minute),
                Lateness = 60 * Minute,
                Aggregates = [Count<Scan>(), Average<Scan>(s => (long?)s.Value)],
            },
            new()
            {
                Name = "rushes",
                Filter = s => s.Value != 7,
                Key = s => [s.Express],
                Windows = new OracleSessions(4 * Minute),
                Lateness = 5 * Minute,
                Aggregates = [Count<Scan>(), Max<Scan>(s => (long?)s.Weight), Sum<Scan>(s => (double?)s.Length)],
            },
            new()
            {
                Name = "activity",
                Windows = new OracleSessions(2 * Minute),
                Aggregates = [Count<Scan>(), Average<Scan>(s => s.Fee)],
            },
            new()
            {
                Name = "rounds",
                Filter = s => s.Weight != 1,
                Key = s => [s.Depot],
                Windows = new OracleCount(4, 30 * Minute),
                Aggregates = [Count<Scan>(), Sum<Scan>(s => (long?)s.Weight), Max<Scan>(s => (double?)s.Length), Sum<Scan>(s => s.Fee)],
            },
            new()
            {
                Name = "moving",
                Key = s => [s.Depot],
                Windows = new OracleSliding(size: 50 * Minute, slide: 20 * Minute, offset: -3 * Minute),
                Lateness = 15 * Minute,
                Aggregates = [Count<Scan>(), Sum<Scan>(s => (long?)s.Value), Max<Scan>(s => (double?)s.Length)],
            },
            new()
            {
                Name = "sampled",
                Windows = new OracleSliding(size: 10 * Minute, slide: 30 * Minute),
                Aggregates = [Count<Scan>(), Average<Scan>(s => (long?)s.Weight)],
            },
            new()
            {
                Name = "business_days",
                Key = s => [s.Express],
                Windows = OracleCalendar.Days(TimeZoneInfo.FindSystemTimeZoneById(Zone), TimeSpan.FromHours(4)),
                Aggregates = [Count<Scan>(), Sum<Scan>(s => s.Fee)],
            },
            new()
            {
                Name = "ever",
                Key = s => [s.Depot],
                Windows = new OracleAllTime(OracleTime.Microseconds(DateTimeOffset.MinValue), OracleTime.Microseconds(DateTimeOffset.MaxValue)),
                Aggregates = [Count<Scan>(), Sum<Scan>(s => (long?)s.Value)],
            },
        ],
    };
}
