using Lambda.Definition;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Bench.Workloads;

/// <summary>A flight as its Parquet file has it.</summary>
public sealed record FlightRow(DateTime Date, long Delay, long Distance, string Origin, string Destination);

/// <summary>One of the questions that are asked of the flights, once as SQL and once as a view.</summary>
/// <param name="Name">Its letter.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Sql">The peer's best query that we know; <c>{0}</c> stands for the file.</param>
/// <param name="Shape">What the columns of the query's answer are.</param>
/// <param name="Declare">Declares the view on a stream.</param>
internal sealed record Workload(string Name, string What, string Sql, IReadOnlyList<AnswerColumn> Shape, Action<StreamBuilder<FlightRow>> Declare)
{
    public static IReadOnlyList<Workload> All { get; } = [Tumbling(), Sliding(), Sessions(), Distinct()];

    /// <summary>The stream with the view.</summary>
    public StreamDefinition Stream()
    {
        StreamBuilder<FlightRow> flights = new StreamBuilder<FlightRow>("flights").EventTime(f => f.Date);
        Declare(flights);
        return Catalog.Build([flights]).Streams[0];
    }

    private static Workload Tumbling() => new(
        "T",
        "tumbling 1 h by origin: count, sum, average, min, max",
        "SELECT date_trunc('hour', date) w, origin, count(*) c, sum(delay) s, avg(distance) a, min(delay) mn, max(delay) mx FROM {0} GROUP BY ALL",
        [AnswerColumn.Start(1), AnswerColumn.Key, AnswerColumn.Result, AnswerColumn.Result, AnswerColumn.Result, AnswerColumn.Result, AnswerColumn.Result],
        flights => Statistics(flights.View("hourly").GroupBy(f => f.Origin).Window(Windows.Tumbling.Every(TimeSpan.FromHours(1)))));

    private static Workload Sliding() => new(
        "S",
        "sliding 1 h / 15 min by origin: count, sum, average, min, max",
        """
        WITH p AS (SELECT epoch_us(date)//900000000 p, origin, count(*) c, sum(delay) s, sum(distance) d, min(delay) mn, max(delay) mx FROM {0} GROUP BY ALL)
        SELECT p-i w, origin, sum(c) c, sum(s) s, sum(d)/sum(c) a, min(mn) mn, max(mx) mx FROM p, (SELECT unnest(range(4)) i) o GROUP BY ALL
        """,
        [
            AnswerColumn.Start(900_000_000), AnswerColumn.Key, AnswerColumn.Result, AnswerColumn.Result, AnswerColumn.Result, AnswerColumn.Result,
            AnswerColumn.Result,
        ],
        flights => Statistics(flights.View("sliding").GroupBy(f => f.Origin)
            .Window(Windows.Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1)))));

    private static Workload Sessions() => new(
        "X",
        "sessions with a gap of 30 min by origin and destination: start, last, count, sum",
        """
        WITH a AS (SELECT origin, destination, epoch_us(date) t, delay, CASE WHEN epoch_us(date) - lag(epoch_us(date)) OVER (PARTITION BY origin, destination
                   ORDER BY date) <= 1800000000 THEN 0 ELSE 1 END brk FROM {0}),
             b AS (SELECT origin, destination, t, delay, sum(brk) OVER (PARTITION BY origin, destination ORDER BY t RANGE UNBOUNDED PRECEDING) sid FROM a)
        SELECT origin, destination, sid, min(t) w, max(t) e, count(*) c, sum(delay) s FROM b GROUP BY ALL
        """,
        [
            AnswerColumn.Key, AnswerColumn.Key, AnswerColumn.Ignored, AnswerColumn.Start(1), AnswerColumn.Last(1_800_000_000), AnswerColumn.Result,
            AnswerColumn.Result,
        ],
        flights => flights.View("sessions").GroupBy(f => new { f.Origin, f.Destination }).Window(Session.WithGap(TimeSpan.FromMinutes(30)))
            .AllowedLateness(TimeSpan.Zero).Aggregate(a => new { Flights = a.Count(), Delay = a.Sum(f => f.Delay) }));

    private static Workload Distinct() => new(
        "D",
        "exact distinct destinations by origin and day",
        "SELECT w, origin, count(*) c FROM (SELECT DISTINCT epoch_us(date)//86400000000 w, origin, destination FROM {0}) GROUP BY ALL",
        [AnswerColumn.Start(86_400_000_000), AnswerColumn.Key, AnswerColumn.Result],
        flights => flights.View("destinations").GroupBy(f => f.Origin).Window(Windows.Tumbling.Every(TimeSpan.FromDays(1)))
            .AllowedLateness(TimeSpan.Zero).Aggregate(a => new { Destinations = a.CountDistinct(f => f.Destination) }));

    private static void Statistics(ViewBuilder<FlightRow> view) => view.AllowedLateness(TimeSpan.Zero).Aggregate(a => new
    {
        Flights = a.Count(),
        TotalDelay = a.Sum(f => f.Delay),
        MeanDistance = a.Average(f => f.Distance),
        MinDelay = a.Min(f => f.Delay),
        MaxDelay = a.Max(f => f.Delay),
    });
}
