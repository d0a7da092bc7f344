using System.Net;
using System.Text;
using System.Text.Json;
using Lambda.Log;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

public class IngestTests
{
    private const string Path = "/api/streams/flights/events";
    private const string Ndjson = "application/x-ndjson";

    internal static string Good(int id, string origin = "ATL") =>
        $$"""{"id":{{id}},"date":"2001-01-01T00:10:00Z","origin":"{{origin}}","delay":5,"distance":1,"fare":2,"cancelled":false,"status":0}""";

    private static async Task<string[]> LoggedAsync(ServingApp app)
    {
        using RecordBatch batch = new();
        await app.Log.ReadAsync(Sample.Stream, 0, 0, batch, TestContext.Current.CancellationToken);
        return [.. Enumerable.Range(0, batch.Count).Select(i => $"{Encoding.UTF8.GetString(batch.Key(i))}: {Encoding.UTF8.GetString(batch.Value(i))}")];
    }

    [Fact]
    public async Task Objects_arrays_and_lines_are_in_the_log_when_the_answer_comes()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        JsonElement one = await app.PostAsync(Path, Good(1), "application/json", HttpStatusCode.Accepted);
        await app.PostAsync(Path, $" [ {Good(2, "LAX")} ,\n {Good(3)} ] ", "application/json", HttpStatusCode.Accepted);
        await app.PostAsync(Path, $"{Good(4)}\r\n\n  \n{Good(5)}", Ndjson, HttpStatusCode.Accepted);

        Assert.Equal("""{"accepted":1,"rejected":0,"errors":[]}""", one.GetRawText());
        Assert.Equal(
            [$"ATL: {Good(1)}", $"LAX: {Good(2, "LAX")}", $"ATL: {Good(3)}", $"ATL: {Good(4)}", $"ATL: {Good(5)}"], await LoggedAsync(app));
        await app.Layers.CommitAsync(Store.EpochEnd.KeepOpen, []);
        Assert.Equal(4, (await app.GetAsync("/api/views/delays?key=ATL")).GetProperty("rows")[0].GetProperty("values").GetProperty("flights").GetInt64());
    }

    [Fact]
    public async Task Good_records_are_taken_and_each_bad_one_is_told_why()
    {
        await using ServingApp app = await ServingApp.StartAsync(options => options.MaxRecordBytes = 1000);
        string[] lines =
        [
            Good(1),
            "{",
            "[1]",
            Good(2).Replace("2001-01-01", "2001-01-02", StringComparison.Ordinal),
            Good(3).Replace("\"delay\":5", "\"delay\":\"five\"", StringComparison.Ordinal),
            Good(4).Replace("\"id\":4,", "", StringComparison.Ordinal),
            Good(5).Replace("2001-01-01T00:10:00Z", "soon", StringComparison.Ordinal),
            Good(6, new string('x', 1000)),
            new string('[', 100) + new string(']', 100),
            Good(7),
        ];

        JsonElement answer = await app.PostAsync(Path, string.Join('\n', lines), Ndjson, HttpStatusCode.MultiStatus);

        Assert.Equal(2, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(8, answer.GetProperty("rejected").GetInt32());
        Assert.Equal(
            [
                "1 malformed", "2 malformed", "3 futureEventTime", "4 wrongType", "5 missingMember", "6 invalidEventTime", "7 tooLarge", "8 malformed",
            ],
            answer.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("index")} {error.GetProperty("reason").GetString()}"));
        Assert.Equal(2, (await LoggedAsync(app)).Length);
    }

    [Theory]
    [InlineData("application/json", "", 400, "holds no record")]
    [InlineData("application/json", "[]", 400, "holds no record")]
    [InlineData("application/json", "[{\"id\":1},", 400, "No record was taken")]
    [InlineData("application/json", "{\"id\":1}", 400, "refused")]
    [InlineData("application/json", "nonsense", 400, "refused")]
    [InlineData("application/x-ndjson", "\n\n", 400, "holds no record")]
    [InlineData("text/plain", "{}", 415, "application/x-ndjson")]
    public async Task A_request_of_which_nothing_can_be_taken_is_a_problem(string contentType, string body, int status, string expected)
    {
        await using ServingApp app = await ServingApp.StartAsync();

        JsonElement problem = await app.PostAsync(Path, body, contentType, (HttpStatusCode)status);

        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(await LoggedAsync(app));
    }

    [Fact]
    public async Task Limits_are_told_with_what_to_do()
    {
        await using ServingApp app = await ServingApp.StartAsync(options =>
        {
            options.MaxRecordBytes = 500;
            options.MaxBodyBytes = 600;
            options.MaxRecords = 2;
        });

        JsonElement body = await app.PostAsync(Path, new string(' ', 601), "application/json", HttpStatusCode.RequestEntityTooLarge);
        JsonElement count = await app.PostAsync(Path, "[1,2,3]", "application/json", HttpStatusCode.RequestEntityTooLarge);
        JsonElement record = await app.PostAsync(Path, Good(1, new string('x', 450)), "application/json", HttpStatusCode.RequestEntityTooLarge);

        Assert.Contains("600 bytes", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("may hold 2", count.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("may have 500", record.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(await LoggedAsync(app));
    }

    [Fact]
    public async Task An_unknown_stream_is_told_which_there_are()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        JsonElement problem = await app.PostAsync("/api/streams/trains/events", "{}", "application/json", HttpStatusCode.NotFound);

        Assert.Contains("The streams are: flights", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
