using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

public class FormatTests
{
    [Theory]
    [InlineData("", null, "application/json")]
    [InlineData("", "*/*", "application/json")]
    [InlineData("", "text/csv", "text/csv")]
    [InlineData("", "application/x-ndjson", "application/x-ndjson")]
    [InlineData("", "text/csv;q=0.1, application/x-ndjson", "application/x-ndjson")]
    [InlineData("", "image/png", "application/json")]
    [InlineData("?format=csv", "application/json", "text/csv")]
    [InlineData("?format=NDJSON", null, "application/x-ndjson")]
    public async Task The_form_is_chosen_by_parameter_or_header(string query, string? accept, string expected)
    {
        await using ServingApp app = await ServingApp.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/views/delays{query}");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using HttpResponseMessage response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Csv_has_a_header_quotes_and_the_envelope_in_headers()
    {
        await using ServingApp app = await Scenario.StartAsync();

        using HttpResponseMessage response = await app.Client.GetAsync("/api/views/delays?format=csv&limit=1", TestContext.Current.CancellationToken);

        Assert.Equal(
            "origin,windowStart,windowEnd,flights,totalDelay,meanDistance,totalFare,maxDelay,status,correctedBy,batchEvents,speedEvents,lateEvents\r\n"
            + "ATL,2001-01-01T00:00:00Z,2001-01-01T01:00:00Z,3,112,100,31.5,100,corrected,1,3,0,1\r\n",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("true", response.Headers.GetValues("Lambda-Truncated").Single());
        Assert.Equal("true", response.Headers.GetValues("Lambda-Complete").Single());
        Assert.Equal("1", response.Headers.GetValues("Lambda-Generation").Single());
        Assert.Equal("2001-01-01T02:29:59.999999Z", response.Headers.GetValues("Lambda-Watermark").Single());
    }

    [Fact]
    public async Task Csv_columns_never_share_a_name()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        string header = await app.Client.GetStringAsync("/api/views/by_everything?format=csv", TestContext.Current.CancellationToken);

        Assert.Equal(
            "from,key.status,delay,cancelled,windowStart,windowEnd,limit,value.windowStart,status,correctedBy,batchEvents,speedEvents,lateEvents\r\n", header);
    }

    [Fact]
    public async Task Ndjson_has_one_row_per_line()
    {
        await using ServingApp app = await Scenario.StartAsync();

        string text = await app.Client.GetStringAsync("/api/views/delays?format=ndjson&origin=ATL&limit=1", TestContext.Current.CancellationToken);

        Assert.Equal(
            """
            {"key":{"origin":"ATL"},"windowStart":"2001-01-01T00:00:00Z","windowEnd":"2001-01-01T01:00:00Z","values":{"flights":3,"totalDelay":112,"meanDistance":100,"totalFare":31.5,"maxDelay":100},"status":"corrected","correctedBy":1,"provenance":{"batchEvents":3,"speedEvents":0,"lateEvents":1}}

            """,
            text);
    }
}
