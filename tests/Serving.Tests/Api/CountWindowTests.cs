using System.Text.Json;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

/// <summary>
/// Pairs of flights of an origin, at most an hour apart, over the events of <see cref="Scenario"/>:
/// <code>
/// offset        0    1 |  3    4 |  5 || 8 |  9   10       ATL as the speed layer reads it
/// minute       10   20 | 70   40 | 70 || 50| 90  150       5 repeats 3
/// without 5    10   20 | 70   40 |    || 50  90 | 150
/// </code>
/// </summary>
public class CountWindowTests
{
    [Fact]
    public async Task Rows_say_where_their_window_begins_in_the_log()
    {
        await using ServingApp app = await Scenario.StartAsync();

        Assert.Equal(
            ["0 00:10-01:10 2 12 batch 2", "3 01:10-02:10 2 102 batch 2", "8 00:50-01:50 2 15 batch 0", "10 02:30-03:30 1 8 batch 0"],
            Rows(await app.GetAsync("/api/views/pairs?origin=ATL")));
        Assert.Equal(
            ["0 00:10-01:10 2 12 batch 0", "3 01:10-02:10 2 102 batch 0", "5 01:10-02:10 2 11 batch 0", "9 01:30-02:30 2 14 batch 0"],
            Rows(await app.GetAsync("/api/views/pairs?origin=ATL&layer=speed")));
    }

    [Fact]
    public async Task A_range_gives_whole_windows_whatever_lies_before_it()
    {
        await using ServingApp app = await Scenario.StartAsync();

        Assert.Equal(
            ["9 01:30-02:30 2 14 batch 0"],
            Rows(await app.GetAsync("/api/views/pairs?origin=ATL&layer=speed&from=2001-01-01T02:10:01Z")));
    }

    [Fact]
    public async Task A_window_is_complete_when_it_is_full_or_timed_out()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement rows = (await app.GetAsync("/api/views/pairs?origin=ATL")).GetProperty("rows");

        Assert.Equal(
            ["complete", "complete", "complete", "open"],
            rows.EnumerateArray().OrderBy(Offset).Select(row => row.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Windows_that_a_removed_event_has_moved_are_explained_by_what_was_removed_of_their_key()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/pairs/compare?origin=ATL");

        JsonElement moved = Assert.Single(answer.GetProperty("windows").EnumerateArray(), window => Offset(window) == 5);
        Assert.Equal(JsonValueKind.Null, moved.GetProperty("batch").ValueKind);
        Assert.Equal("""{"late":0,"duplicates":1,"quarantined":0}""", moved.GetProperty("keyReasons").GetRawText());
        Assert.Equal(0, answer.GetProperty("totals").GetProperty("unexplained").GetInt64());
        Assert.Equal("""{"late":0,"duplicates":1,"quarantined":0}""", answer.GetProperty("totals").GetProperty("reasons").GetRawText());
    }

    [Fact]
    public async Task An_event_that_the_batch_layer_lost_is_unexplained_though_others_were_removed()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);
        await Scenario.PublishAsync(app, kept: [0, 2, 3, 4]);

        JsonElement answer = await app.GetAsync("/api/views/pairs/compare?origin=ATL");

        Assert.NotEqual(0, answer.GetProperty("totals").GetProperty("unexplained").GetInt64());
    }

    [Fact]
    public async Task Csv_has_the_position_too()
    {
        await using ServingApp app = await Scenario.StartAsync();

        string csv = await app.Client.GetStringAsync("/api/views/pairs?origin=ATL&format=csv&limit=1", TestContext.Current.CancellationToken);

        Assert.Equal(
            "origin,windowStart,windowEnd,partition,offset,flights,totalDelay,status,correctedBy,batchEvents,speedEvents,lateEvents\r\n"
            + "ATL,2001-01-01T00:10:00Z,2001-01-01T01:10:00.000001Z,0,0,2,12,complete,,2,0,0\r\n",
            csv);
    }

    [Fact]
    public async Task Windows_with_a_place_in_time_have_no_position()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement row = (await app.GetAsync("/api/views/delays")).GetProperty("rows")[0];

        Assert.False(row.TryGetProperty("position", out _));
    }

    private static long Offset(JsonElement row) => row.GetProperty("position").GetProperty("offset").GetInt64();

    private static string[] Rows(JsonElement answer) =>
    [
        .. answer.GetProperty("rows").EnumerateArray().OrderBy(Offset).Select(row =>
            $"{Offset(row)} {row.GetProperty("windowStart").GetString()![11..16]}-{row.GetProperty("windowEnd").GetString()![11..16]} "
            + $"{row.GetProperty("values").GetProperty("flights")} {row.GetProperty("values").GetProperty("totalDelay")} "
            + $"batch {row.GetProperty("provenance").GetProperty("batchEvents")}"),
    ];
}
