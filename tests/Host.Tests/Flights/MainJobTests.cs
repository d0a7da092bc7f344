using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Data;
using Lambda.Hosting.Seeding;
using Xunit;

namespace Lambda.Host.Tests.Flights;

public sealed partial class MainJobTests(MainJob job) : IClassFixture<MainJob>
{
    private static readonly long Flights = (long)Duck.Query($"SELECT count(*) FROM {FlightsFile.Sql}")[0][0]!;

    [Fact]
    public void The_printed_top_of_the_merged_view_is_what_sql_says()
    {
        List<object?[]> top = Duck.Query($"""
            SELECT origin, strftime(time_bucket(INTERVAL 1 hour, date), '%Y-%m-%d %H:%M'), count(*) AS flights, sum(delay)::BIGINT, avg(distance), min(delay), max(delay)
            FROM {FlightsFile.Sql} GROUP BY 1, 2 ORDER BY flights DESC, 2, 1 LIMIT 5
            """);

        string[] printed = [.. job.First.Output.Split('\n').SkipWhile(line => !line.StartsWith("delays_by_origin, both", StringComparison.Ordinal)).Skip(4).Take(5)];

        Assert.All(top.Zip(printed), pair => Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{pair.First[0]} {pair.First[1]} {pair.First[2]:N0} {pair.First[3]:N0} {pair.First[4]:#,##0.###} {pair.First[5]:N0} {pair.First[6]:N0}"),
            Regex.Replace(Spaces().Replace(pair.Second, " ").Trim(), @" to \S+| (complete|corrected|open)$", "")));
    }

    [Fact]
    public void The_printed_totals_add_up_to_all_flights_and_windows()
    {
        foreach ((string view, string windows) in ((string, string)[])
            [("delays_by_origin", "origin, time_bucket(INTERVAL 1 hour, date)"), ("routes_by_day", "origin, destination, date::DATE")])
        {
            string part = job.First.Output[job.First.Output.IndexOf($"{view}, both", StringComparison.Ordinal)..];
            Match totals = Totals().Match(part);
            long Number(string group) => long.Parse(totals.Groups[group].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

            Assert.True(totals.Success, part);
            Assert.Equal(Duck.Query($"SELECT DISTINCT {windows} FROM {FlightsFile.Sql}").Count, Number("windows"));
            Assert.Equal(Flights, Number("batch"));
            Assert.Equal(Flights, Number("speed") + Number("late"));
            Assert.True(Number("late") > 0);
            Assert.Equal(0, Number("removed"));
        }
    }

    [Fact]
    public async Task Every_window_of_both_views_is_what_sql_says()
    {
        await MustEqualAsync(
            "delays_by_origin",
            $"SELECT origin, time_bucket(INTERVAL 1 hour, date), count(*), sum(delay)::BIGINT, avg(distance), min(delay), max(delay) FROM {FlightsFile.Sql} GROUP BY 1, 2",
            ["origin"],
            ["flights", "totalDelay", "meanDistance", "minDelay", "maxDelay"]);
        await MustEqualAsync(
            "routes_by_day",
            $"SELECT origin, destination, time_bucket(INTERVAL 1 day, date), count(*), avg(delay) FROM {FlightsFile.Sql} GROUP BY 1, 2, 3",
            ["origin", "destination"],
            ["flights", "meanDelay"]);
    }

    [Fact]
    public void The_job_says_where_to_look_next() =>
        Assert.All(["Where to look next", "query delays_by_origin", $"--data {job.Data}"], part => Assert.Contains(part, job.First.Output, StringComparison.Ordinal));

    [Fact]
    public async Task A_second_run_appends_nothing_recomputes_nothing_and_says_the_same()
    {
        Ended second = (await Cli.FlightsAsync("--once", "--data", job.Data)).MustSucceed();

        Assert.Contains("is in the log already", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("published", second.Output, StringComparison.Ordinal);
        string Summary(string output) => output[output.IndexOf("\nflights\n", StringComparison.Ordinal)..];
        Assert.Equal(Summary(job.First.Output), Summary(second.Output));
    }

    [Fact]
    public async Task A_start_goes_on_with_the_file_where_an_interrupted_one_stopped()
    {
        using TemporaryFolder folder = new();
        using (DataFolder data = DataFolder.Open(folder.Data, "test"))
        {
            SeedMarker marker = await SeedMarker.ReadAsync(
                data, "flights", Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet"), TestContext.Current.CancellationToken);
            marker.Advance(200_000, isComplete: false);
        }

        Ended ended = (await Cli.FlightsAsync("--once", "--data", folder.Data)).MustSucceed();

        Assert.Contains("going on with 'flights-2001-01.parquet' after 200,000 events", ended.Output, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{Flights - 200_000:N0} events taken"), ended.Output, StringComparison.Ordinal);
    }

    private async Task MustEqualAsync(string view, string sql, string[] keys, string[] values)
    {
        Ended answer = (await Cli.FlightsAsync("query", view, "--format", "json", "--limit", "100000", "--data", job.Data)).MustSucceed();
        JsonElement json = JsonDocument.Parse(answer.Output).RootElement;
        Assert.False(json.GetProperty("truncated").GetBoolean());
        Dictionary<string, object?[]> merged = json.GetProperty("rows").EnumerateArray().ToDictionary(
            row => string.Join('|', keys.Select(key => row.GetProperty("key").GetProperty(key).GetString()).Append($"{row.GetProperty("windowStart").GetDateTime():s}")),
            row => values.Select(value => (object?)row.GetProperty("values").GetProperty(value).GetDouble()).ToArray());
        Dictionary<string, object?[]> expected = Duck.Query(sql).ToDictionary(
            row => string.Join('|', row.Take(keys.Length).Append($"{row[keys.Length]:s}")),
            row => row.Skip(keys.Length + 1).Select(value => (object?)Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToArray());

        Assert.Equal(expected.Count, merged.Count);
        Assert.All(expected, window => Assert.Equal(window.Value, merged[window.Key]));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"of (?<windows>[\d,]+) windows\.\s+Conservation: holds\. Speed (?<speed>[\d,]+) \+ late (?<late>[\d,]+) = batch (?<batch>[\d,]+) \+ removed (?<removed>[\d,]+)")]
    private static partial Regex Totals();
}
