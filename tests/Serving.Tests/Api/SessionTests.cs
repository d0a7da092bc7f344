using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Serving.Tests.Api;

/// <summary>
/// Sessions of 30 minutes over the scenario's morning, in time of 2001-01-01:
/// <code>
///        0:10 0:20 0:30 0:40 0:50 1:00 1:10 1:20 1:30 1:40 ... 2:05      2:30
/// ATL     x    x         x              x                                 x         kept below the boundary, or accepted behind it
///                                       r                                           a repetition
///                             late                late                              behind the boundary
/// LAX               x                        refused             x
/// </code>
/// The flight of 0:40 comes after that of 1:10, when a session of its own would be refused, but joins the one of 1:10 exactly.
/// </summary>
public class SessionTests
{
    [Fact]
    public async Task Sessions_are_one_over_layers_and_over_what_came_late_for_a_window_of_its_own()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/rushes");

        Assert.Equal(
            [
                "ATL 00:10-01:40 4 114 complete 4 0 2",
                "LAX 00:30-01:00 1 1 complete 1 0 0",
                "LAX 02:05-02:35 1 4 open 0 1 0",
                "ATL 02:30-03:00 1 8 open 0 1 0",
            ],
            Rows(answer));
        Assert.Equal(2, answer.GetProperty("lateEvents").GetInt64());
        Assert.Equal(
            ["ATL 00:10-01:40 5 116 complete 0 5 2", "ATL 02:30-03:00 1 8 open 0 1 0"],
            Rows(await app.GetAsync("/api/views/rushes?layer=speed&origin=ATL")));
    }

    [Theory]
    [InlineData("01:39:59", "01:40", "ATL 00:10-01:40 4 114 complete 4 0 2")]
    [InlineData("00:00", "00:10:01", "ATL 00:10-01:40 4 114 complete 4 0 2")]
    [InlineData("01:40", "02:05", null)]
    [InlineData("02:34:59", "02:35", "LAX 02:05-02:35 1 4 open 0 1 0|ATL 02:30-03:00 1 8 open 0 1 0")]
    public async Task A_range_has_the_sessions_that_overlap_it_and_has_them_whole(string from, string to, string? expected)
    {
        await using ServingApp app = await Scenario.StartAsync();
        string range = $"from=2001-01-01T{from}Z&to=2001-01-01T{to}Z";
        Assert.Equal(expected?.Split('|') ?? [], Rows(await app.GetAsync($"/api/views/rushes?{range}")));
    }

    /// <summary>Far longer than the first margin around the range, and in parts none of which reaches through it.</summary>
    [Fact]
    public async Task A_session_that_goes_on_for_days_is_whole_in_a_range_of_a_minute()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        foreach (int[] epoch in Enumerable.Range(0, 300).Chunk(6))
        {
            await app.Layers.SpeedAsync(EpochEnd.Seal, [.. epoch.Select(i => Sample.Flight(i, "ATL", i * 30, 1))]);
        }

        JsonElement answer = await app.GetAsync("/api/views/rushes?from=2001-01-04T00:00Z&to=2001-01-04T00:01Z");

        JsonElement row = Assert.Single(answer.GetProperty("rows").EnumerateArray());
        Assert.Equal(300, row.GetProperty("values").GetProperty("flights").GetInt64());
    }

    [Fact]
    public async Task Layers_are_compared_by_the_sessions_of_all_events_and_every_reason_counts_once()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/rushes/compare");

        Assert.Equal(
            [
                """ATL 00:10-01:40 batch 4 speed 5 {"late":0,"duplicates":1,"quarantined":0}""",
                """LAX 01:20-01:50 batch - speed 1 {"late":0,"duplicates":0,"quarantined":1}""",
            ],
            Compared(answer));
        Assert.Equal(
            """{"windows":3,"differing":2,"batchEvents":5,"speedEvents":7,"reasons":{"late":0,"duplicates":1,"quarantined":1},"unexplained":0}""",
            answer.GetProperty("totals").GetRawText());
    }

    /// <summary>
    /// <code>
    ///       0:00      0:30      1:00      1:30 ...  5:00
    /// ATL    x                   x                   x        two sessions of the speed layer, [0:00, 0:30) and [1:00, 1:30)
    ///                  late                                   which the batch layer sees as one
    /// </code>
    /// </summary>
    [Fact]
    public async Task Sessions_that_a_late_event_connects_are_compared_as_the_one_they_are()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Layers.SpeedAsync(
            EpochEnd.Seal, Sample.Flight(0, "ATL", 0, 5), Sample.Flight(1, "ATL", 60, 7), Sample.Flight(2, "ATL", 300, 1), Sample.Flight(3, "ATL", 30, 100));
        await app.Layers.PublishAsync(boundary: 4, [0, 1, 2, 3], [], [], []);

        Assert.Equal(
            ["ATL 00:00-00:30 1 5 complete 0 1 1", "ATL 01:00-01:30 1 7 complete 0 1 0", "ATL 05:00-05:30 1 1 open 0 1 0"],
            Rows(await app.GetAsync("/api/views/rushes?layer=speed")));
        JsonElement answer = await app.GetAsync("/api/views/rushes/compare?from=2001-01-01T01:29Z&to=2001-01-01T01:30Z");
        Assert.Equal(["""ATL 00:00-01:30 batch 3 speed 2 {"late":1,"duplicates":0,"quarantined":0}"""], Compared(answer));
        Assert.Equal(0, answer.GetProperty("totals").GetProperty("unexplained").GetInt64());
    }

    [Fact]
    public async Task A_session_is_corrected_when_a_part_of_it_was()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);
        Correction correction = new(
            Sample.Rushes, Sample.ViewOf(Sample.Catalog(), Sample.Rushes).Layout.Version, """{"origin":"ATL"}""",
            UtcMicroseconds.From(Sample.Start.AddMinutes(20)), UtcMicroseconds.From(Sample.Start.AddMinutes(70)), null, null, default);
        await app.Layers.PublishAsync(boundary: 7, Scenario.Kept, duplicates: [5], quarantined: [6], [correction]);

        Assert.Equal(
            ["ATL 00:10-01:40 4 114 corrected 4 0 2"], Rows(await app.GetAsync("/api/views/rushes?origin=ATL&from=2001-01-01T01:30Z&to=2001-01-01T01:31Z")));
    }

    /// <summary>The flight of 0:50 was refused by both its windows, that of 1:30 by one of two.</summary>
    [Fact]
    public async Task An_event_that_several_windows_refused_is_late_once_and_one_that_some_took_is_not()
    {
        await using ServingApp app = await Scenario.StartAsync();

        Assert.Equal(1, (await app.GetAsync("/api/views/sliding")).GetProperty("lateEvents").GetInt64());
        Assert.Equal(1, (await app.GetAsync("/api/views/sliding?from=2001-01-01T01:00Z&to=2001-01-01T01:01Z")).GetProperty("lateEvents").GetInt64());
        Assert.Equal(0, (await app.GetAsync("/api/views/sliding?from=2001-01-01T01:30Z")).GetProperty("lateEvents").GetInt64());
        Assert.Equal(0, (await app.GetAsync("/api/views/sliding?layer=batch")).GetProperty("lateEvents").GetInt64());
    }

    private static string[] Rows(JsonElement answer) =>
    [
        .. answer.GetProperty("rows").EnumerateArray().Select(row => string.Join(
            ' ',
            row.GetProperty("key").GetProperty("origin"),
            Interval(row),
            row.GetProperty("values").GetProperty("flights"),
            row.GetProperty("values").GetProperty("totalDelay"),
            row.GetProperty("status"),
            row.GetProperty("provenance").GetProperty("batchEvents"),
            row.GetProperty("provenance").GetProperty("speedEvents"),
            row.GetProperty("provenance").GetProperty("lateEvents"))),
    ];

    private static string[] Compared(JsonElement answer) =>
    [
        .. answer.GetProperty("windows").EnumerateArray().Select(window =>
            $"{window.GetProperty("key").GetProperty("origin")} {Interval(window)} batch {Flights(window.GetProperty("batch"))} "
            + $"speed {Flights(window.GetProperty("speed"))} {window.GetProperty("reasons").GetRawText()}"),
    ];

    private static string Flights(JsonElement layer) =>
        layer.ValueKind == JsonValueKind.Null ? "-" : layer.GetProperty("values").GetProperty("flights").GetRawText();

    private static string Interval(JsonElement row) =>
        $"{row.GetProperty("windowStart").GetString()![11..16]}-{row.GetProperty("windowEnd").GetString()![11..16]}";
}
