using Lambda.Batch.Compute;
using Lambda.Batch.Scan;
using Lambda.Definition;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Scan;

/// <summary>
/// Views over random files against SQL that DuckDB runs on the same files: nulls, row groups of any size, disorder from none to all of it, files in any
/// order, and so many workers that windows lie across the seams between them.
/// </summary>
public sealed class ComputationTests : IDisposable
{
    private const string Results = "count(*), coalesce(sum(amount), 0), avg(amount), min(weight), max(weight), count(DISTINCT clerk), count(DISTINCT shop)";

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable.Range(1, 8).Select(seed => new TheoryDataRow<int>(seed));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Tumbling_windows_are_those_of_sql(int seed)
    {
        RandomFiles files = new(_folder.Path, seed);
        string expected = $"SELECT shop, time_bucket(INTERVAL 5 MINUTE, \"at\") AS s, s + INTERVAL 5 MINUTE, {Results} FROM {files.Rows} GROUP BY shop, s";

        await VerifyAsync(files, expected, view => view.GroupBy(s => s.Shop).Window(Tumbling.Every(TimeSpan.FromMinutes(5))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sliding_windows_are_those_of_sql(int seed)
    {
        // 25 minutes are no multiple of 10, so that slides are cut in two.
        RandomFiles files = new(_folder.Path, seed);
        string expected =
            $"""
            WITH w AS (
                SELECT *, unnest(range(3)) AS back, time_bucket(INTERVAL 10 MINUTE, "at") - INTERVAL 10 MINUTE * back AS s FROM {files.Rows})
            SELECT shop, till, s, s + INTERVAL 25 MINUTE, {Results} FROM w WHERE s + INTERVAL 25 MINUTE > "at" GROUP BY shop, till, s
            """;

        await VerifyAsync(
            files,
            expected,
            view => view.GroupBy(s => new { s.Shop, s.Till }).Window(Sliding.Every(slide: TimeSpan.FromMinutes(10), size: TimeSpan.FromMinutes(25))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sessions_are_those_of_sql(int seed)
    {
        RandomFiles files = new(_folder.Path, seed);
        string expected =
            $"""
            WITH a AS (
                SELECT *, CASE WHEN "at" - lag("at") OVER (PARTITION BY shop, till ORDER BY "at") <= INTERVAL 90 SECOND THEN 0 ELSE 1 END AS opens
                FROM {files.Rows}),
            b AS (SELECT *, sum(opens) OVER (PARTITION BY shop, till ORDER BY "at" ROWS UNBOUNDED PRECEDING) AS session FROM a)
            SELECT shop, till, min("at"), max("at") + INTERVAL 90 SECOND, {Results} FROM b GROUP BY shop, till, session
            """;

        await VerifyAsync(files, expected, view => view.GroupBy(s => new { s.Shop, s.Till }).Window(Session.WithGap(TimeSpan.FromSeconds(90))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Keys_of_two_texts_are_those_of_sql(int seed)
    {
        RandomFiles files = new(_folder.Path, seed);
        string expected =
            $"""
            SELECT shop, clerk, time_bucket(INTERVAL 1 HOUR, "at") AS s, s + INTERVAL 1 HOUR, {Results} FROM {files.Rows} GROUP BY shop, clerk, s
            """;

        await VerifyAsync(files, expected, view => view.GroupBy(s => new { s.Shop, s.Clerk }).Window(Tumbling.Every(TimeSpan.FromHours(1))));
    }

    [Fact]
    public async Task One_window_of_all_time_is_that_of_sql()
    {
        RandomFiles files = new(_folder.Path, seed: 77);
        string expected = $"SELECT TIMESTAMP '0001-01-01', TIMESTAMP '9999-12-31 23:59:59.999999', {Results} FROM {files.Rows}";

        await VerifyAsync(files, expected, view => view.Window(AllTime.Window));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Rows_that_break_a_view_or_have_no_time_are_told_and_count_nowhere(int seed)
    {
        RandomFiles files = new(_folder.Path, seed);
        string good = $"(SELECT * FROM {files.Rows} WHERE amount IS DISTINCT FROM 13)";
        string expected = $"SELECT time_bucket(INTERVAL 1 HOUR, \"at\") AS s, s + INTERVAL 1 HOUR, {Results} FROM {good} GROUP BY s";

        ComputationReport report = await VerifyAsync(
            files, expected, view => view.Where(s => s.Amount == null || 100 / (s.Amount - 13) < 1000).Window(Tumbling.Every(TimeSpan.FromHours(1))));

        IEnumerable<string> refused = Duck.Query(
            $"""
            SELECT filename, file_row_number FROM read_parquet({Duck.List(files.Paths)}, filename = true, file_row_number = true)
            WHERE amount = 13 OR "at" IS NULL
            """).Select(row => $"{row[0]} {row[1]}");
        Assert.Equal(
            refused.Order(StringComparer.Ordinal),
            report.Refused.Places.Select(place => $"{place.File} {files.FirstRow(place.File, place.RowGroup) + place.Row}").Order(StringComparer.Ordinal));
        Assert.Equal(refused.Count(), report.Refused.Count);
    }

    private static async Task<ComputationReport> VerifyAsync(RandomFiles files, string expected, Func<ViewBuilder<Sale>, ViewBuilder<Sale>> define)
    {
        StreamBuilder<Sale> sales = new StreamBuilder<Sale>("sales").EventTime(s => s.At);
        define(sales.View("view")).AllowedLateness(TimeSpan.Zero).Aggregate(a => new
        {
            Sales = a.Count(),
            Amount = a.Sum(s => s.Amount),
            Mean = a.Average(s => s.Amount),
            Lightest = a.Min(s => s.Weight),
            Heaviest = a.Max(s => s.Weight),
            Clerks = a.CountDistinct(s => s.Clerk),
            Shops = a.CountDistinct(s => s.Shop),
        });
        StreamPlan plan = new(Catalog.Build([sales]).Streams[0]);
        ScanPlan scan = ScanPlan.Of(files.Paths, plan.Stream, plan.ViewAndCheckProjection, files.Statistics);
        CollectedWindows windows = new();
        ComputationReport report = await FileComputation.RunAsync(
            plan, scan, files.Workers, windows, new Progress<long>(), TestContext.Current.CancellationToken);

        Assert.Equal(
            Duck.Query(expected).Select(CollectedWindows.Line).Order(StringComparer.Ordinal),
            windows.Lines.Order(StringComparer.Ordinal));
        return report;
    }
}
