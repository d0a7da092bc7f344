using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Lambda.Serving.Tests.Running;
using Lambda.Store;

namespace Lambda.Serving.Tests.Api;

public class PagingTests(ScenarioFixture scenario) : IClassFixture<ScenarioFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delays?")]
    [InlineData("delays?layer=speed&order=-totalDelay")]
    [InlineData("delays?order=meanDistance,-totalFare,maxDelay")]
    [InlineData("delays?order=origin desc,-windowStart")]
    [InlineData("delays?rollup=true&order=-flights")]
    [InlineData("delays?key=ATL&order=-windowStart")]
    [InlineData("pairs?")]
    [InlineData("pairs?order=-flights,origin")]
    [InlineData("by_everything?order=-cancelled,from,status,-delay,limit")]
    [InlineData("rushes?order=flights")]
    [InlineData("sliding?order=-windowStart")]
    public async Task Pages_are_together_the_whole_answer(string query)
    {
        JsonElement whole = await scenario.App.GetAsync($"/api/views/{query}");
        List<string> expected = Rows(whole);
        Assert.True(expected.Count > 2, $"{expected.Count} rows are too few for pages.");
        Assert.Equal(JsonValueKind.Null, whole.GetProperty("nextCursor").ValueKind);
        for (int limit = 1; limit <= expected.Count; limit++)
        {
            List<string> rows = [];
            string? cursor = "";
            do
            {
                JsonElement page = await scenario.App.GetAsync($"/api/views/{query}&limit={limit}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
                rows.AddRange(Rows(page));
                cursor = page.GetProperty("nextCursor").GetString();
                Assert.Equal(cursor is not null, page.GetProperty("truncated").GetBoolean());
            }
            while (cursor is not null && rows.Count <= expected.Count);

            Assert.Equal(expected, rows);
        }
    }

    [Fact]
    public async Task Rows_that_come_between_two_pages_move_no_other()
    {
        await using ServingApp app = await Scenario.StartAsync();
        JsonElement first = await app.GetAsync("/api/views/delays?order=-windowStart&limit=2");
        Assert.Equal(["ATL 02", "LAX 02"], QueryTests.Rows(first).Select(row => row[..6]));

        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, Sample.Flight(90, "MIA", 170, 1), Sample.Flight(91, "BOS", 190, 1));

        JsonElement next = await app.GetAsync($"/api/views/delays?order=-windowStart&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal(["MIA 02", "ATL 01", "ATL 00", "LAX 00"], QueryTests.Rows(next).Select(row => row[..6]));
    }

    [Fact]
    public async Task Forms_without_an_envelope_have_the_cursor_as_a_header()
    {
        using HttpResponseMessage first = await scenario.App.Client.GetAsync("/api/views/delays?format=csv&limit=3", Cancellation);
        string cursor = Assert.Single(first.Headers.GetValues("Lambda-Next-Cursor"));
        using HttpResponseMessage last = await scenario.App.Client.GetAsync($"/api/views/delays?format=ndjson&cursor={cursor}", Cancellation);
        Assert.Equal(2, (await last.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.False(last.Headers.Contains("Lambda-Next-Cursor"));
    }

    [Theory]
    [InlineData("delays?order=flights&cursor=", "delays?limit=1")]
    [InlineData("delays?layer=speed&cursor=", "delays?limit=1")]
    [InlineData("delays?rollup=true&cursor=", "delays?limit=1")]
    [InlineData("rushes?cursor=", "delays?limit=1")]
    public async Task A_cursor_of_another_query_is_refused(string query, string other)
    {
        string? cursor = (await scenario.App.GetAsync($"/api/views/{other}")).GetProperty("nextCursor").GetString();
        JsonElement problem = await scenario.App.GetAsync($"/api/views/{query}{cursor}", HttpStatusCode.BadRequest);
        Assert.Contains("of another query", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Values\":[\"", "\"Values\":[\"x")]
    [InlineData("\"Values\":[", "\"Values\":[\"1\",")]
    [InlineData("\"Key\":[", "\"Key\":[null,")]
    [InlineData("\"Start\":", "\"Start\":1.5")]
    [InlineData("\"First\":null", "\"First\":{\"Partition\":0,\"Offset\":1}")]
    [InlineData("\"Key\":[", "\"Kei\":[")]
    public async Task A_cursor_that_was_changed_is_refused(string from, string to)
    {
        string cursor = (await scenario.App.GetAsync("/api/views/delays?order=flights&limit=1")).GetProperty("nextCursor").GetString()!;
        string text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        Assert.Contains(from, text, StringComparison.Ordinal);
        string changed = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));

        JsonElement problem = await scenario.App.GetAsync($"/api/views/delays?order=flights&cursor={changed}", HttpStatusCode.BadRequest);

        Assert.Contains("none that an answer gave", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static List<string> Rows(JsonElement answer) => [.. answer.GetProperty("rows").EnumerateArray().Select(row => row.GetRawText())];
}
