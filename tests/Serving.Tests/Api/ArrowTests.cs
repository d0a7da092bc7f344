using System.Net;
using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;

namespace Lambda.Serving.Tests.Api;

public class ArrowTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delays")]
    [InlineData("delays?rollup=true&order=-flights")]
    [InlineData("pairs")]
    [InlineData("by_everything?order=-status")]
    [InlineData("rushes?layer=speed")]
    public async Task The_rows_are_those_of_json(string query)
    {
        await using ServingApp app = await Scenario.StartAsync();
        await app.Layers.SpeedAsync(
            EpochEnd.KeepOpen,
            Sample.Flight(21, "Zürich", 160, -5, distance: -0.5) with
            {
                From = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(7_890_120),
                Cancelled = true,
                Status = 7,
            },
            Sample.Flight(22, null, 161, long.MinValue, distance: double.MaxValue),
            Sample.Flight(23, null, 162, long.MinValue, distance: double.MaxValue));

        JsonElement json = await app.GetAsync($"/api/views/{query}");
        ArrowTable arrow = await ReadAsync(app, query);

        Assert.NotEmpty(arrow.Rows);
        Assert.Equal(json.GetProperty("rows").EnumerateArray().Select(row => string.Join('|', ValuesOf(row))), arrow.Rows.Select(row => string.Join('|', row)));
    }

    [Fact]
    public async Task It_has_the_columns_of_csv_with_the_types_of_Parquet_and_the_envelope_as_metadata()
    {
        await using ServingApp app = await Scenario.StartAsync();

        ArrowTable delays = await ReadAsync(app, "delays?limit=1");
        ArrowTable everything = await ReadAsync(app, "by_everything?limit=1");

        Assert.Equal(
            [
                "origin utf8", "windowStart timestamp[us, UTC]", "windowEnd timestamp[us, UTC]", "flights int64", "totalDelay decimal128(38, 0)", "meanDistance double",
                "totalFare utf8", "maxDelay int64", "status utf8", "correctedBy int64", "batchEvents int64", "speedEvents int64", "lateEvents int64",
            ],
            delays.Columns);
        Assert.Equal(["ATL|2001-01-01T00:00:00Z|2001-01-01T01:00:00Z|3|112|100|31.5|100|corrected|1|3|0|1"], delays.Rows.Select(row => string.Join('|', row)));
        Assert.Equal(
            "lambda.complete=true, lambda.generation=1, lambda.layer=merged, lambda.truncated=true, lambda.view=delays, lambda.watermark=2001-01-01T02:29:59.999999Z",
            string.Join(", ", delays.Metadata.Where(entry => entry.Key != "lambda.version").Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal)));
        Assert.Equal(
            [
                "from timestamp[us, UTC]", "key.status int32", "delay int64", "cancelled bool", "windowStart timestamp[us, UTC]", "windowEnd timestamp[us, UTC]", "limit int64",
                "value.windowStart double",
            ],
            everything.Columns.Take(8));
    }

    [Fact]
    public async Task An_answer_without_rows_has_its_columns()
    {
        await using ServingApp app = await Scenario.StartAsync();

        ArrowTable none = await ReadAsync(app, "delays?origin=nobody");

        Assert.Empty(none.Rows);
        Assert.Equal((await ReadAsync(app, "delays")).Columns, none.Columns);
    }

    [Fact]
    public async Task Pages_go_on_behind_the_cursor_in_the_header()
    {
        await using ServingApp app = await Scenario.StartAsync();
        List<string> paged = [];
        string? cursor = null;
        do
        {
            string after = cursor is null ? "" : $"&cursor={cursor}";
            using HttpResponseMessage response = await app.Client.GetAsync($"/api/views/delays?format=arrow&limit=2{after}", Cancellation);
            await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            ArrowTable page = await ArrowTable.ReadAsync(body, Cancellation);
            Assert.InRange(page.Rows.Count, 1, 2);
            paged.AddRange(page.Rows.Select(row => string.Join('|', row)));
            Assert.Equal("true", response.Headers.GetValues("Lambda-Complete").Single());
            cursor = response.Headers.TryGetValues("Lambda-Next-Cursor", out IEnumerable<string>? next) ? next.Single() : null;
        }
        while (cursor is not null);

        Assert.True(paged.Count > 2);
        Assert.Equal((await ReadAsync(app, "delays")).Rows.Select(row => string.Join('|', row)), paged);
    }

    private static async Task<ArrowTable> ReadAsync(ServingApp app, string query)
    {
        Uri address = new($"/api/views/{query}{(query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}format=arrow", UriKind.Relative);
        using HttpResponseMessage response = await app.Client.GetAsync(address, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        return await ArrowTable.ReadAsync(body, Cancellation);
    }

    /// <summary>The values of a row of JSON in the order of the columns.</summary>
    private static IEnumerable<string> ValuesOf(JsonElement row) => row.EnumerateObject()
        .SelectMany(member => member.Value.ValueKind == JsonValueKind.Object ? member.Value.EnumerateObject().Select(part => part.Value) : [member.Value])
        .Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
}
