using System.Globalization;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

public class SessionTests
{
    private const string Rushes = "rushes";
    private const int GapMinutes = 15;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 5)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sessions_of_a_generation_are_those_of_window_functions_in_SQL(int seed)
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        RandomOrders orders = new(seed, platform);
        await platform.StartSpeedAsync();
        orders.Append(900);
        await orders.AdvanceSpeedAsync(20);
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, $"seed {seed}: {result.Message}");
        StreamStatus status = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!;
        IReadOnlyList<string> expected = BySql(OrderOracle.Kept(orders.Logged, status.CurrentGeneration!.Boundary).Select(placed => placed.Order));
        ViewDefinition view = platform.Catalog.FindView(Rushes)!;
        Assert.Equal(
            expected,
            (await platform.BatchAsync(view)).Select(row => Text(row.Key.Parts[0]!, row.Start, row.End, row.EventCount, row.Results[1]!))
                .Order(StringComparer.Ordinal));
    }

    /// <summary>The history is read date by date, by workers of their own.</summary>
    [Fact]
    public async Task A_session_over_midnight_is_whole()
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        platform.Append(0, Order("before", 23, 50, 20));
        platform.Append(1, Order("after", 24, 5, 30));
        platform.Append(2, Order("later", 47, 59, 40));

        RunResult result = await platform.RecomputeAsync(platform.Run(options: Platform.Options with { Workers = 2 }));

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(
            [(At(23, 50), At(24, 20), 2L), (At(47, 59), At(48, 14), 1L)],
            (await platform.BatchAsync(platform.Catalog.FindView(Rushes)!)).Select(row => (row.Start, row.End, row.EventCount)));
    }

    /// <summary>
    /// <code>
    ///         2:00         2:12         2:25                     4:30
    ///          x                         x          ...           x        the speed layer: [2:00, 2:15) and [2:25, 2:40)
    ///                     late                                             the batch layer: [2:00, 2:40)
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_late_event_that_connects_sessions_corrects_them_as_the_one_they_are()
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        await platform.StartSpeedAsync();
        platform.Append(0, Order("first", 2, 0, 20));
        platform.Append(0, Order("second", 2, 25, 30));
        platform.Append(0, Order("newest", 4, 30, 60));
        platform.Append(0, Order("late", 2, 12, 40));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Correction correction = Assert.Single(await CorrectionsAsync(platform));
        Assert.Equal(new CorrectionReasons(Late: 1, Duplicates: 0, Quarantined: 0, Unexplained: 0), correction.Reasons);
        Assert.Equal((At(2, 0), At(2, 40)), (correction.WindowStart, correction.WindowEnd));
        Assert.Equal(("""{"orders":2,"amount":50}""", """{"orders":3,"amount":90}"""), (correction.Before, correction.After));
    }

    /// <summary>
    /// <code>
    ///         2:00         2:12         2:25
    ///          x          refused        x       the speed layer: [2:00, 2:40); the batch layer: [2:00, 2:15) and [2:25, 2:40)
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_refused_event_that_connected_sessions_is_the_one_reason_for_what_is_left_of_them()
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        await platform.StartSpeedAsync();
        platform.Append(0, Order("first", 2, 0, 20));
        platform.Append(0, Order("refused", 2, 12, -5));
        platform.Append(0, Order("second", 2, 25, 30));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Correction correction = Assert.Single(await CorrectionsAsync(platform));
        Assert.Equal(new CorrectionReasons(Late: 0, Duplicates: 0, Quarantined: 1, Unexplained: 0), correction.Reasons);
        Assert.Equal(("""{"orders":3,"amount":45}""", """{"orders":2,"amount":50}"""), (correction.Before, correction.After));
        Assert.Equal(
            [(At(2, 0), At(2, 15)), (At(2, 25), At(2, 40))],
            (await platform.BatchAsync(platform.Catalog.FindView(Rushes)!)).Select(row => (row.Start, row.End)));
    }

    /// <summary>
    /// <code>
    ///    1:50         2:00
    ///    late       x, twice       the speed layer: [2:00, 2:15); the batch layer: [1:50, 2:15), of as many orders of as much
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_session_that_only_moves_is_corrected()
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        await platform.StartSpeedAsync();
        platform.Append(0, Order("first", 2, 0, 20));
        platform.Append(0, Order("first", 2, 0, 20));
        platform.Append(0, Order("newest", 4, 30, 60));
        platform.Append(0, Order("late", 1, 50, 20));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Correction correction = Assert.Single(await CorrectionsAsync(platform));
        Assert.Equal(new CorrectionReasons(Late: 1, Duplicates: 1, Quarantined: 0, Unexplained: 0), correction.Reasons);
        Assert.Equal((At(1, 50), At(2, 15)), (correction.WindowStart, correction.WindowEnd));
        Assert.Equal(("""{"orders":2,"amount":40}""", """{"orders":2,"amount":40}"""), (correction.Before, correction.After));
    }

    /// <summary>The session began on a date of which both generations have the same, and only what the speed layer took for new lies on the next.</summary>
    [Fact]
    public async Task A_session_that_began_where_nothing_has_changed_is_compared_as_a_whole()
    {
        await using Platform platform = await Platform.CreateAsync(Catalog());
        await platform.StartSpeedAsync();
        platform.Append(0, Order("before", 23, 50, 20));
        platform.Append(0, Order("after", 24, 0, 30));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        platform.Append(0, Order("after", 24, 0, 30));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) });

        Assert.True(result is { Outcome: RunOutcome.Published, CarriedFrom: null }, result.Message);
        Correction correction = Assert.Single(await CorrectionsAsync(platform));
        Assert.Equal((At(23, 50), At(24, 15)), (correction.WindowStart, correction.WindowEnd));
        Assert.Equal(("""{"orders":3,"amount":80}""", """{"orders":2,"amount":50}"""), (correction.Before, correction.After));
    }

    private static Catalog Catalog() => Orders.Catalog(stream => stream.View(Rushes)
        .GroupBy(o => o.Shop)
        .Window(Session.WithGap(TimeSpan.FromMinutes(GapMinutes)))
        .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount) }));

    private static Order Order(string id, int hour, int minute, long amount) =>
        new(id, Orders.Day.AddHours(hour).AddMinutes(minute), "ams", amount, 1, 1);

    private static long At(int hour, int minute) => UtcMicroseconds.FromDateTime(Orders.Day.AddHours(hour).AddMinutes(minute));

    private static async Task<IReadOnlyList<Correction>> CorrectionsAsync(Platform platform) =>
    [
        .. (await platform.Store.ReadCorrectionsAsync(platform.Catalog.FindView(Rushes)!.Layout, WindowRange.All, 100, Cancellation))
            .Select(published => published.Correction),
    ];

    private static IReadOnlyList<string> BySql(IEnumerable<Order> orders)
    {
        string rows = string.Join(", ", orders.Select(order => string.Create(
            CultureInfo.InvariantCulture, $"('{order.Shop}', {UtcMicroseconds.FromDateTime(order.At)}, {order.Amount})")));
        long gap = GapMinutes * 60_000_000L;
        return
        [
            .. Duck.Query(
                $"""
                WITH marked AS (
                    SELECT *, CASE WHEN t - lag(t) OVER (PARTITION BY shop ORDER BY t) <= {gap} THEN 0 ELSE 1 END AS begins
                    FROM (VALUES {rows}) AS orders(shop, t, amount)),
                numbered AS (SELECT *, sum(begins) OVER (PARTITION BY shop ORDER BY t ROWS UNBOUNDED PRECEDING) AS session FROM marked)
                SELECT shop, min(t), max(t) + {gap}, count(*), sum(amount) FROM numbered GROUP BY shop, session
                """)
                .Select(row => Text(row[0]!, row[1]!, row[2]!, row[3]!, row[4]!))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Text(object shop, object start, object end, object events, object amount) =>
        string.Create(CultureInfo.InvariantCulture, $"{shop} {start}..{end}: {events} orders of {amount}");
}
