using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;

namespace Lambda.Serving.Tests.Api;

public class ComparisonTests
{
    [Fact]
    public async Task Every_difference_between_the_layers_has_its_reason()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/delays/compare");

        Assert.Equal(
            [
                """ATL 00 batch 3 speed 2 delay 100 {"late":1,"duplicates":0,"quarantined":0} explained""",
                """ATL 01 batch 1 speed 2 delay -2 {"late":0,"duplicates":1,"quarantined":0} explained""",
                """LAX 01 batch - speed 1 delay 500 {"late":0,"duplicates":0,"quarantined":1} explained""",
            ],
            Windows(answer));
        Assert.Equal(
            """{"windows":4,"differing":3,"batchEvents":5,"speedEvents":6,"reasons":{"late":1,"duplicates":1,"quarantined":1},"unexplained":0}""",
            answer.GetProperty("totals").GetRawText());
        Assert.True(answer.GetProperty("comparable").GetBoolean());
        Assert.Equal(4, (await app.GetAsync("/api/views/delays/compare?all=true")).GetProperty("windows").GetArrayLength());
        Assert.Single((await app.GetAsync("/api/views/delays/compare?origin=LAX")).GetProperty("windows").EnumerateArray());
    }

    [Fact]
    public async Task An_event_that_the_batch_layer_lost_is_unexplained()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);
        await Scenario.PublishAsync(app, kept: [0, 2, 3, 4]);

        JsonElement answer = await app.GetAsync("/api/views/delays/compare?origin=ATL&to=2001-01-01T01:00:00Z");

        JsonElement unexplained = answer.GetProperty("windows")[0].GetProperty("unexplained");
        Assert.Equal(
            """{"events":1,"aggregates":["flights","totalDelay","totalFare"]}""", unexplained.GetRawText());
        Assert.Equal(1, answer.GetProperty("totals").GetProperty("unexplained").GetInt64());
    }

    [Fact]
    public async Task A_different_value_under_an_equal_count_is_unexplained()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);

        // Event 1 is counted twice in the place of event 0.
        await Scenario.PublishAsync(app, kept: [1, 1, 2, 3, 4]);

        JsonElement answer = await app.GetAsync("/api/views/delays/compare?origin=ATL&to=2001-01-01T01:00:00Z");

        Assert.Equal(
            """{"events":0,"aggregates":["totalDelay"]}""", answer.GetProperty("windows")[0].GetProperty("unexplained").GetRawText());
    }

    [Fact]
    public async Task Before_the_first_publication_there_is_nothing_to_compare_with()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);

        JsonElement answer = await app.GetAsync("/api/views/delays/compare");

        Assert.False(answer.GetProperty("comparable").GetBoolean());
        Assert.Contains("POST /api/batch/runs", answer.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(answer.GetProperty("windows").EnumerateArray());
    }

    [Fact]
    public async Task Windows_whose_speed_results_have_expired_are_left_out()
    {
        await using ServingApp app = await Scenario.StartAsync();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        BatchLease lease = (await app.Store.TryAcquireLeaseAsync(Sample.Stream, "test", TimeSpan.FromHours(1), cancellation))!;
        await app.Store.ExpireAsync(lease, Sample.Start.AddHours(4), cancellation);

        JsonElement answer = await app.GetAsync("/api/views/delays/compare");
        JsonElement speed = await app.GetAsync("/api/views/delays?layer=speed");

        Assert.Equal("2001-01-01T04:00:00Z", answer.GetProperty("comparableFrom").GetString());
        Assert.Empty(Windows(answer));
        Assert.Equal(0, answer.GetProperty("totals").GetProperty("unexplained").GetInt64());
        Assert.Contains("have expired", speed.GetProperty("completeness").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            JsonValueKind.Null,
            (await app.GetAsync("/api/views/delays?layer=speed&from=2001-01-01T04:00:00Z")).GetProperty("completeness").GetProperty("reason").ValueKind);
    }

    [Fact]
    public async Task Corrections_are_listed_with_before_after_and_reasons()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/delays/corrections?key=LAX");

        Assert.Equal(
            """{"generation":1,"publishedAt":"2001-01-01T03:00:00Z","key":{"origin":"LAX"},"windowStart":"2001-01-01T01:00:00Z","windowEnd":"2001-01-01T02:00:00Z","before":{"flights":1,"totalDelay":-500},"after":null,"reasons":{"late":0,"duplicates":0,"quarantined":1,"unexplained":0}}""",
            Assert.Single(answer.GetProperty("corrections").EnumerateArray()).GetRawText());
        Assert.True((await app.GetAsync("/api/views/delays/corrections?limit=2")).GetProperty("truncated").GetBoolean());
        Assert.Empty((await app.GetAsync("/api/views/delays/corrections?from=2001-01-01T02:00:00Z")).GetProperty("corrections").EnumerateArray());
    }

    private static string[] Windows(JsonElement answer) =>
    [
        .. answer.GetProperty("windows").EnumerateArray().Select(window =>
            $"{window.GetProperty("key").GetProperty("origin")} {window.GetProperty("windowStart").GetString()![11..13]} "
            + $"batch {Events(window.GetProperty("batch"))} speed {Events(window.GetProperty("speed"))} "
            + $"delay {window.GetProperty("difference").GetProperty("totalDelay")} {window.GetProperty("reasons").GetRawText()} "
            + (window.GetProperty("unexplained").ValueKind == JsonValueKind.Null ? "explained" : "unexplained")),
    ];

    private static string Events(JsonElement side) => side.ValueKind == JsonValueKind.Null ? "-" : side.GetProperty("events").ToString();
}
