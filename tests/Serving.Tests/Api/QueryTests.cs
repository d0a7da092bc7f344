using System.Net;
using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;

namespace Lambda.Serving.Tests.Api;

public class QueryTests
{
    /// <summary>Rows as text: origin, hour, flights, delay, status, events of batch, speed and late.</summary>
    internal static string[] Rows(JsonElement answer) =>
    [
        .. answer.GetProperty("rows").EnumerateArray().Select(row => string.Join(
            ' ',
            row.GetProperty("key").GetProperty("origin"),
            row.GetProperty("windowStart").GetString()![11..13],
            row.GetProperty("values").GetProperty("flights"),
            row.GetProperty("values").GetProperty("totalDelay"),
            row.GetProperty("status"),
            row.GetProperty("provenance").GetProperty("batchEvents"),
            row.GetProperty("provenance").GetProperty("speedEvents"),
            row.GetProperty("provenance").GetProperty("lateEvents"))),
    ];

    [Fact]
    public async Task Merged_is_what_the_batch_kept_and_what_the_speed_layer_accepted_after_the_boundary()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/delays");

        Assert.Equal(
            [
                "ATL 00 3 112 corrected 3 0 1",
                "LAX 00 1 1 complete 1 0 0",
                "ATL 01 1 2 corrected 1 0 1",
                "ATL 02 1 8 open 0 1 0",
                "LAX 02 1 4 open 0 1 0",
            ],
            Rows(answer));
        Assert.Equal(2, answer.GetProperty("lateEvents").GetInt64());
        Assert.Equal("2001-01-01T02:29:59.999999Z", answer.GetProperty("watermark").GetString());
        Assert.Equal(1, answer.GetProperty("generation").GetInt64());
        Assert.Equal("[7]", answer.GetProperty("boundary").ToString());
        Assert.True(answer.GetProperty("completeness").GetProperty("complete").GetBoolean());
        Assert.Equal("passed", answer.GetProperty("quality").GetProperty("outcome").GetString());
        Assert.Equal("range of delay", answer.GetProperty("quality").GetProperty("failed")[0].GetString());
    }

    /// <summary>It was looked for among the hundred newest, and there is none of them left after a night of runs that are blocked.</summary>
    [Fact]
    public async Task The_audit_of_the_generation_that_serves_is_told_however_many_were_rejected_since()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await app.Layers.RejectAsync(boundary: 7, count: 101);

        JsonElement answer = await app.GetAsync("/api/views/delays");

        Assert.Equal(1, answer.GetProperty("generation").GetInt64());
        Assert.Equal("passed", answer.GetProperty("quality").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Each_layer_answers_on_its_own()
    {
        await using ServingApp app = await Scenario.StartAsync();

        Assert.Equal(
            ["ATL 00 3 112 corrected 3 0 0", "LAX 00 1 1 complete 1 0 0", "ATL 01 1 2 corrected 1 0 0"],
            Rows(await app.GetAsync("/api/views/delays?layer=batch")));
        Assert.Equal(
            [
                "ATL 00 2 12 complete 0 2 2",
                "LAX 00 1 1 complete 0 1 0",
                "ATL 01 2 4 complete 0 2 1",
                "LAX 01 1 -500 complete 0 1 0",
                "ATL 02 1 8 open 0 1 0",
                "LAX 02 1 4 open 0 1 0",
            ],
            Rows(await app.GetAsync("/api/views/delays?layer=speed")));
    }

    [Fact]
    public async Task Before_the_first_publication_merged_is_what_the_speed_layer_says()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await Scenario.SpeedAsync(app);

        JsonElement answer = await app.GetAsync("/api/views/delays?origin=ATL&to=2001-01-01T01:00:00Z");

        Assert.Equal(["ATL 00 2 12 complete 0 2 2"], Rows(answer));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("generation").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("quality").ValueKind);
        Assert.True(answer.GetProperty("completeness").GetProperty("complete").GetBoolean());
        Assert.False((await app.GetAsync("/api/views/delays?layer=batch")).GetProperty("completeness").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Roll_up_merges_the_keys_of_a_window()
    {
        await using ServingApp app = await Scenario.StartAsync();

        JsonElement answer = await app.GetAsync("/api/views/delays?rollup=true&order=-flights");

        JsonElement first = answer.GetProperty("rows")[0];
        Assert.Equal("{}", first.GetProperty("key").GetRawText());
        Assert.Equal(4, first.GetProperty("values").GetProperty("flights").GetInt64());
        Assert.Equal(113, first.GetProperty("values").GetProperty("totalDelay").GetInt64());
        Assert.Equal("corrected", first.GetProperty("status").GetString());
        Assert.Equal(3, answer.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task Values_keep_all_their_digits_and_NaN_has_a_name()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        Flight[] flights = [.. Enumerable.Range(0, 3).Select(id => Sample.Flight(id, "ATL", 1, long.MaxValue, 0.1, 79228162514264337593543950.335m / 3))];
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, flights);

        JsonElement values = (await app.GetAsync("/api/views/delays")).GetProperty("rows")[0].GetProperty("values");

        Assert.Equal("27670116110564327421", values.GetProperty("totalDelay").GetRawText());
        Assert.Equal("0.1", values.GetProperty("meanDistance").GetRawText());
        Assert.Equal(
            (flights[0].Fare * 3).ToString(System.Globalization.CultureInfo.InvariantCulture), values.GetProperty("totalFare").GetRawText());
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("quote\"comma,semicolon;")]
    [InlineData("line\r\nbreak\ttab")]
    [InlineData("Zürich 🛫 \u202e")]
    [InlineData("'; DROP TABLE partitions; --")]
    [InlineData("a&b=c%25+d#e")]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Any_text_can_be_a_key(string origin)
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(1, origin, 1, 3), Sample.Flight(2, "other", 1, 4), Sample.Flight(3, null, 1, 5));

        JsonElement found = await app.GetAsync($"/api/views/delays?key={Uri.EscapeDataString(origin)}");

        JsonElement row = Assert.Single(found.GetProperty("rows").EnumerateArray());
        Assert.Equal(origin, row.GetProperty("key").GetProperty("origin").GetString());
        Assert.Equal(3, row.GetProperty("values").GetProperty("totalDelay").GetInt64());
        Assert.Equal([" 00 1 5 open 0 1 0"], Rows(await app.GetAsync("/api/views/delays?isNull=origin")));
        using HttpResponseMessage csv = await app.Client.GetAsync(
            $"/api/views/delays?format=csv&key={Uri.EscapeDataString(origin)}", TestContext.Current.CancellationToken);
        string text = await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(origin, Csv.Parse(text)[1][0]);
    }

    [Fact]
    public async Task Key_parts_of_every_type_can_be_filtered_by()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        Flight flight = Sample.Flight(1, "ATL", 1, 3) with { From = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc), Status = -7, Cancelled = true };
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, flight, flight with { From = null }, flight with { Status = 8 }, flight with { Cancelled = false });

        JsonElement answer = await app.GetAsync("/api/views/by_everything?key.from=2001-02-03T04:05:06Z&status=-7&cancelled=true&delay=3");

        JsonElement row = Assert.Single(answer.GetProperty("rows").EnumerateArray());
        Assert.Equal(
            """{"from":"2001-02-03T04:05:06Z","status":-7,"delay":3,"cancelled":true}""", row.GetProperty("key").GetRawText());
        Assert.Equal("""{"limit":1,"windowStart":100}""", row.GetProperty("values").GetRawText());
        Assert.Single((await app.GetAsync("/api/views/by_everything?isNull=from")).GetProperty("rows").EnumerateArray());
    }

    [Fact]
    public async Task Names_of_an_enumeration_are_filtered_by_in_any_case_and_others_are_refused()
    {
        await using ServingApp app = await ServingApp.StartAsync(Sample.CatalogOfDays());
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(1, "ATL", 1, 3), Sample.Flight(2, "ATL", 24 * 60, 4));

        JsonElement found = await app.GetAsync($"/api/views/{Sample.View}?weekday=monday&day=2001-01-01");
        JsonElement refused = await app.GetAsync($"/api/views/{Sample.View}?weekday=nope", HttpStatusCode.BadRequest);

        JsonElement row = Assert.Single(found.GetProperty("rows").EnumerateArray());
        Assert.Equal("""{"weekday":"Monday","day":"2001-01-01"}""", row.GetProperty("key").GetRawText());
        Assert.Equal(
            "Key part 'weekday' cannot be 'nope'. Give one of: Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday.",
            refused.GetProperty("detail").GetString());
    }
}
