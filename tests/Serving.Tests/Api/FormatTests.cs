using Lambda.Serving.Tests.Running;
using Lambda.Store;

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
    [InlineData("?format=parquet", null, "application/vnd.apache.parquet")]
    [InlineData("", "application/vnd.apache.parquet", "application/vnd.apache.parquet")]
    [InlineData("?format=arrow", null, "application/vnd.apache.arrow.stream")]
    [InlineData("", "application/vnd.apache.arrow.stream, application/json;q=0.5", "application/vnd.apache.arrow.stream")]
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

    [Fact]
    public async Task Parquet_has_the_columns_of_csv_with_their_types_and_the_envelope_as_metadata()
    {
        await using ServingApp app = await Scenario.StartAsync();
        using ParquetAnswer delays = await ParquetAnswer.ReadAsync(app, "delays?limit=1");

        Assert.Equal(
            "origin VARCHAR, windowStart TIMESTAMP WITH TIME ZONE, windowEnd TIMESTAMP WITH TIME ZONE, flights BIGINT, totalDelay DECIMAL(38,0), meanDistance DOUBLE, "
            + "totalFare VARCHAR, maxDelay BIGINT, status VARCHAR, correctedBy BIGINT, batchEvents BIGINT, speedEvents BIGINT, lateEvents BIGINT",
            delays.Columns);
        Assert.Equal(["ATL|2001-01-01 00:00:00+00|2001-01-01 01:00:00+00|3|112|100.0|31.5|100|corrected|1|3|0|1"], delays.Rows);
        Assert.Equal(
            "lambda.complete=true, lambda.generation=1, lambda.layer=merged, lambda.truncated=true, lambda.view=delays, lambda.watermark=2001-01-01T02:29:59.999999Z",
            delays.Metadata);
    }

    [Fact]
    public async Task Parquet_has_keys_of_every_type_positions_and_nulls()
    {
        await using ServingApp app = await Scenario.StartAsync();
        using ParquetAnswer pairs = await ParquetAnswer.ReadAsync(app, "pairs?origin=ATL&limit=1");
        using ParquetAnswer none = await ParquetAnswer.ReadAsync(app, "delays?origin=nobody");
        await using ServingApp other = await ServingApp.StartAsync();
        DateTime from = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(7_890_120);
        await other.Layers.SpeedAsync(
            EpochEnd.KeepOpen, Sample.Flight(1, null, 10, -5, distance: -0.5) with { From = from, Cancelled = true, Status = 7 }, Sample.Flight(2, null, 20, long.MinValue),
            Sample.Flight(3, null, 30, long.MinValue));
        using ParquetAnswer everything = await ParquetAnswer.ReadAsync(other, "by_everything?order=-status&limit=2");
        using ParquetAnswer sums = await ParquetAnswer.ReadAsync(other, "delays?limit=1");

        Assert.StartsWith("from TIMESTAMP WITH TIME ZONE, key.status INTEGER, delay BIGINT, cancelled BOOLEAN, windowStart", everything.Columns, StringComparison.Ordinal);
        Assert.Equal(
            [
                "2001-02-03 04:05:06.789012+00|7|-5|true|2001-01-01 00:00:00+00|2001-01-02 00:00:00+00|1|-0.5|open|NULL|0|1|0",
                "NULL|0|-9223372036854775808|false|2001-01-01 00:00:00+00|2001-01-02 00:00:00+00|2|200.0|open|NULL|0|2|0",
            ],
            everything.Rows);
        Assert.StartsWith(
            "NULL|2001-01-01 00:00:00+00|2001-01-01 01:00:00+00|3|-18446744073709551621|66.5|", Assert.Single(sums.Rows), StringComparison.Ordinal);
        Assert.StartsWith("ATL|2001-01-01 00:10:00+00|2001-01-01 01:10:00.000001+00|0|0|2|12|complete|NULL|2|", Assert.Single(pairs.Rows), StringComparison.Ordinal);
        Assert.Empty(none.Rows);
    }
}
