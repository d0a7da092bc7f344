using System.Globalization;
using System.Text.Json;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Flights;

[Collection(nameof(FlightsServer))]
public class FlightsTests(FlightsServer server)
{
    private static readonly string[] OriginValues = ["flights", "totalDelay", "meanDistance", "minDelay", "maxDelay"];
    private static readonly string[] RouteValues = ["flights", "meanDelay"];

    [Theory]
    [InlineData("merged")]
    [InlineData("batch")]
    public async Task Every_window_of_both_views_is_over_http_what_sql_says_over_the_file(string layer)
    {
        AssertSame(
            Duck.Query($"SELECT origin, time_bucket(INTERVAL 1 hour, date), count(*), sum(delay)::BIGINT, avg(distance), min(delay), max(delay) FROM '{FlightsServer.File}' GROUP BY 1, 2")
                .Select(row => Line([row[0]!], (DateTime)row[1]!, row[2..])),
            await RowsAsync("delays_by_origin", layer, ["origin"], OriginValues));
        AssertSame(
            Duck.Query($"SELECT origin, destination, time_bucket(INTERVAL 1 day, date), count(*), avg(delay) FROM '{FlightsServer.File}' GROUP BY 1, 2, 3")
                .Select(row => Line([row[0]!, row[1]!], (DateTime)row[2]!, row[3..])),
            await RowsAsync("routes_by_day", layer, ["origin", "destination"], RouteValues));
    }

    [Fact]
    public async Task The_speed_layer_alone_has_what_a_plain_loop_over_the_file_accepts()
    {
        var (hourly, hourlyLate) = Replay.Judge(server.History, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5));
        var (daily, dailyLate) = Replay.Judge(server.History, TimeSpan.FromDays(1), TimeSpan.Zero);
        Assert.NotEmpty(hourlyLate);
        Assert.NotEmpty(dailyLate);

        AssertSame(
            hourly.GroupBy(f => (f.Origin, Start: new DateTime(f.Date.Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour))).Select(group => Line(
                [group.Key.Origin],
                group.Key.Start,
                [group.Count(), group.Sum(f => f.Delay), (double)group.Sum(f => f.Distance) / group.Count(), group.Min(f => f.Delay), group.Max(f => f.Delay)])),
            await RowsAsync("delays_by_origin", "speed", ["origin"], OriginValues));
        AssertSame(
            daily.GroupBy(f => (f.Origin, f.Destination, f.Date.Date)).Select(group => Line(
                [group.Key.Origin, group.Key.Destination], group.Key.Date, [group.Count(), (double)group.Sum(f => f.Delay) / group.Count()])),
            await RowsAsync("routes_by_day", "speed", ["origin", "destination"], RouteValues));
        await MustExplainAsync("delays_by_origin", hourly.Count, hourlyLate.Count);
        await MustExplainAsync("routes_by_day", daily.Count, dailyLate.Count);
    }

    [Fact]
    public void The_history_holds_each_flight_once_in_the_order_of_the_file_within_a_partition()
    {
        List<object?[]> wrong = DeltaFiles.Query(
            server.History,
            $$"""
            WITH file AS (SELECT row_number() OVER () AS place, id::VARCHAR AS id FROM '{{FlightsServer.File}}'),
                 kept AS (SELECT _partition, _offset, id FROM {0}),
                 both_ AS (SELECT * FROM file FULL JOIN kept USING (id))
            SELECT * FROM both_ WHERE place IS NULL OR _offset IS NULL
                OR id IN (SELECT id FROM kept GROUP BY id HAVING count(*) > 1)
            UNION ALL BY NAME
            SELECT * EXCLUDE (rank) FROM (SELECT *, row_number() OVER (PARTITION BY _partition ORDER BY place) - 1 AS rank FROM both_) WHERE rank <> _offset
            """);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_is_written_outside_of_the_data_folder() =>
        Assert.All(server.Elsewhere, folder => Assert.Empty(Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories)));

    private async Task MustExplainAsync(string view, int accepted, int late)
    {
        JsonElement comparison = await server.Api.GetAsync($"/api/views/{view}/compare?limit=1");
        Assert.True(comparison.GetProperty("comparable").GetBoolean(), comparison.GetRawText());
        JsonElement totals = comparison.GetProperty("totals");
        Assert.Equal(
            (accepted, accepted + late, late, 0, 0, 0),
            (
                totals.GetProperty("speedEvents").GetInt32(),
                totals.GetProperty("batchEvents").GetInt32(),
                totals.GetProperty("reasons").GetProperty("late").GetInt32(),
                totals.GetProperty("reasons").GetProperty("duplicates").GetInt32(),
                totals.GetProperty("reasons").GetProperty("quarantined").GetInt32(),
                totals.GetProperty("unexplained").GetInt32()));
    }

    private async Task<IEnumerable<string>> RowsAsync(string view, string layer, string[] keys, string[] values)
    {
        JsonElement answer = await server.Api.GetAsync($"/api/views/{view}?layer={layer}&limit=100000");
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        return answer.GetProperty("rows").EnumerateArray().Select(row => Line(
            [.. keys.Select(key => row.GetProperty("key").GetProperty(key).GetString()!)],
            row.GetProperty("windowStart").GetDateTime(),
            [.. values.Select(value => (object)row.GetProperty("values").GetProperty(value).GetDouble())]));
    }

    private static string Line(object[] key, DateTime start, IEnumerable<object?> values) => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join('|', key)} {start:yyyy-MM-dd HH}: {string.Join(", ", values.Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture)))}");

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        HashSet<string> wanted = [.. expected];
        string[] found = [.. actual];
        Assert.NotEmpty(wanted);
        Assert.True(
            wanted.SetEquals(found) && wanted.Count == found.Length,
            $"{found.Length} windows instead of {wanted.Count}; missing {string.Join("; ", wanted.Except(found).Take(5))}; too much {string.Join("; ", found.Except(wanted).Take(5))}");
    }
}
