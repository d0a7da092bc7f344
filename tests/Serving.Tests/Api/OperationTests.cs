using System.Net;
using System.Text;
using System.Text.Json;
using Lambda.Events;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Serving.Tests.Api;

/// <summary>Streams, generations, quality, quarantine and batch runs.</summary>
public class OperationTests
{
    [Fact]
    public async Task A_stream_tells_its_watermark_lag_and_generation()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await app.Layers.AppendAsync(Sample.Flight(20, "ATL", 160, 1), Sample.Flight(21, "ATL", 161, 1));
        app.Time.Advance(TimeSpan.FromSeconds(12));

        JsonElement stream = await app.GetAsync("/api/streams/flights");

        Assert.Equal("""{"events":2,"seconds":12}""", stream.GetProperty("lag").GetRawText());
        Assert.Equal("2001-01-01T02:29:59.999999Z", stream.GetProperty("watermark").GetString());
        Assert.Equal(1, stream.GetProperty("generation").GetInt64());
        Assert.Equal("[7]", stream.GetProperty("boundary").GetRawText());
        Assert.Equal(11, stream.GetProperty("accepted").GetInt64());
        Assert.Equal(13, stream.GetProperty("partitions")[0].GetProperty("logEnd").GetInt64());
        Assert.Equal(stream.GetRawText(), (await app.GetAsync("/api/streams")).GetProperty("streams")[0].GetRawText());
    }

    [Fact]
    public async Task Generations_and_audits_are_listed()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await Scenario.PublishAsync(app);

        JsonElement generations = await app.GetAsync("/api/generations");
        JsonElement quality = await app.GetAsync("/api/quality?stream=flights&limit=1");

        Assert.Equal(
            ["2 current", "1 superseded"],
            generations.EnumerateArray().Select(item => $"{item.GetProperty("generation")} {item.GetProperty("state")}"));
        JsonElement failed = Assert.Single(quality.EnumerateArray()).GetProperty("checks")[1];
        Assert.Equal("NaN", failed.GetProperty("observed").GetString());
        Assert.Equal("""[{"id":6}]""", failed.GetProperty("sampleRows").GetRawText());
        Assert.Equal(("none", 12_345L), (failed.GetProperty("expected").GetString(), failed.GetProperty("failingRows").GetInt64()));
    }

    [Fact]
    public async Task The_history_of_a_metric_is_listed_newest_first()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await Scenario.PublishAsync(app);

        JsonElement points = await app.GetAsync("/api/quality/metrics?stream=flights&metric=mean%20of%20delay");
        JsonElement refused = await app.GetAsync("/api/quality/metrics?stream=flights", HttpStatusCode.BadRequest);
        JsonElement unmeasured = await app.GetAsync("/api/quality/metrics?stream=flights&metric=distribution%20of%20distance%20in%2010%20bins");

        Assert.Equal("[]", unmeasured.GetRawText());
        Assert.Equal([2, 1], points.EnumerateArray().Select(point => point.GetProperty("generation").GetInt32()));
        Assert.Equal(7.5, points[0].GetProperty("value").GetDouble());
        Assert.Equal("[2,3]", points[0].GetProperty("distribution").GetProperty("counts").GetRawText());
        Assert.Contains("metric=mean of delay", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_without_the_batch_layer_says_that_it_profiles_nothing()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        JsonElement refused = await app.PostAsync("/api/quality/profile?stream=flights", "", "application/json", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("Stream 'flights' cannot be profiled here", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>After fifty runs that were blocked, the list had none that one could go by.</summary>
    [Fact]
    public async Task The_generation_that_serves_is_listed_however_many_were_rejected_since()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await app.Layers.RejectAsync(boundary: 7, count: 3);

        Assert.Equal("4 rejected, 3 rejected, 1 current", Listed(await app.GetAsync("/api/generations?limit=2")));
        Assert.Equal("4 rejected, 3 rejected, 2 rejected, 1 current", Listed(await app.GetAsync("/api/generations")));

        static string Listed(JsonElement generations) => string.Join(
            ", ", generations.EnumerateArray().Select(generation => $"{generation.GetProperty("generation")} {generation.GetProperty("state").GetString()}"));
    }

    /// <summary>Records may be large, and a thousand are listed.</summary>
    [Fact]
    public async Task The_beginning_of_a_quarantined_record_is_listed_with_its_whole_length()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        string[] values = [new('a', 200), new('a', 201), $"{new string('a', 198)}€€", $"{new string('a', 199)}\u0001f", new('é', 9_000)];
        byte[] cut = [.. Encoding.UTF8.GetBytes(values[0]), 0xff, 0xff];
        byte[] noText = [.. Enumerable.Repeat((byte)0x80, 500)];
        byte[][] records = [.. values.Select(Encoding.UTF8.GetBytes), cut, noText, []];
        await app.Layers.CommitAsync(EpochEnd.KeepOpen, [.. records.Select((value, offset) => Refused(offset, RejectReason.Malformed, value))]);

        JsonElement[] listed = [.. (await app.GetAsync("/api/quarantine")).GetProperty("records").EnumerateArray().OrderBy(record => record.GetProperty("offset").GetInt64())];

        string a200 = values[0];
        Assert.Equal(records.Select(record => record.Length), listed.Select(record => record.GetProperty("bytes").GetInt32()));
        Assert.Equal(
            [a200, $"{a200}…", $"{new string('a', 198)}…", $"{new string('a', 199)}\u0001…", $"{new string('é', 100)}…", $"{a200}…", null, ""],
            listed.Select(record => record.GetProperty("preview").GetString()));
    }

    [Fact]
    public async Task Quarantined_records_are_listed_shown_and_submitted_again()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        byte[] good = JsonSerializer.SerializeToUtf8Bytes(Sample.Flight(1, "ATL", 1, 1), JsonSerializerOptions.Web);
        await app.Layers.CommitAsync(
            EpochEnd.KeepOpen,
            [
                Refused(0, RejectReason.FutureEventTime, good),
                Refused(1, RejectReason.Malformed, [0xff, 0x00, 0x7b]),
                Refused(2, RejectReason.WrongType, Encoding.UTF8.GetBytes("{\"é\":\"<b>\"}")),
            ]);

        JsonElement listed = await app.GetAsync("/api/quarantine?reason=malformed,wrongType&limit=1");
        JsonElement binary = await app.GetAsync("/api/quarantine/flights/0/1");
        JsonElement text = await app.GetAsync("/api/quarantine/flights/0/2");
        await app.PostAsync("/api/quarantine/flights/0/0/resubmit", "", "application/json", HttpStatusCode.Accepted);
        JsonElement refused = await app.PostAsync("/api/quarantine/flights/0/1/resubmit", "", "application/json", HttpStatusCode.BadRequest);
        await app.PostAsync("/api/quarantine/flights/0/1/resubmit", Encoding.UTF8.GetString(good), "application/json", HttpStatusCode.Accepted);

        Assert.Equal(2, listed.GetProperty("total").GetInt64());
        Assert.Single(listed.GetProperty("records").EnumerateArray());
        Assert.Equal("""{"encoding":"base64","content":"/wB7"}""", JsonSerializer.Serialize(
            JsonSerializer.Deserialize<Dictionary<string, string>>(binary.GetProperty("value")), Relaxed));
        Assert.Equal("{\"é\":\"<b>\"}", text.GetProperty("value").GetProperty("content").GetString());
        Assert.Contains("body of the request", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using RecordBatch logged = new();
        await app.Log.ReadAsync(Sample.Stream, 0, 0, logged, TestContext.Current.CancellationToken);
        Assert.Equal([good, good], Enumerable.Range(0, logged.Count).Select(i => logged.Value(i).ToArray()));
    }

    /// <summary>The batch layer counts the first event of an id and a time, whether or not a check refuses it: what has both would be dropped without a word.</summary>
    [Fact]
    public async Task What_repeats_an_event_that_a_check_has_refused_is_not_submitted_again()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        string refused = JsonSerializer.Serialize(Sample.Flight(1, "ATL", 1, 1), JsonSerializerOptions.Web);
        string corrected = JsonSerializer.Serialize(Sample.Flight(1, "ATL", 1, 2), JsonSerializerOptions.Web);
        string another = JsonSerializer.Serialize(Sample.Flight(2, "ATL", 1, 2), JsonSerializerOptions.Web);
        string later = JsonSerializer.Serialize(Sample.Flight(1, "ATL", 2, 2), JsonSerializerOptions.Web);
        Assert.NotEqual(refused, corrected);
        await app.Layers.CommitAsync(
            EpochEnd.KeepOpen,
            [
                Refused(0, RejectReason.CheckFailed, Encoding.UTF8.GetBytes(refused)),
                Refused(1, RejectReason.ExpressionFailed, Encoding.UTF8.GetBytes(refused)),
                Refused(2, RejectReason.FutureEventTime, Encoding.UTF8.GetBytes(refused)),
            ]);

        JsonElement problem = await app.PostAsync("/api/quarantine/flights/0/0/resubmit", corrected, "application/json", HttpStatusCode.Conflict);
        await app.PostAsync("/api/quarantine/flights/0/0/resubmit", "", "application/json", HttpStatusCode.Conflict);
        await app.PostAsync("/api/quarantine/flights/0/1/resubmit", corrected, "application/json", HttpStatusCode.Conflict);

        Assert.Contains("with another 'id'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await app.PostAsync("/api/quarantine/flights/0/0/resubmit", another, "application/json", HttpStatusCode.Accepted);
        await app.PostAsync("/api/quarantine/flights/0/0/resubmit", later, "application/json", HttpStatusCode.Accepted);
        await app.PostAsync("/api/quarantine/flights/0/2/resubmit", corrected, "application/json", HttpStatusCode.Accepted);
        using RecordBatch logged = new();
        await app.Log.ReadAsync(Sample.Stream, 0, 0, logged, TestContext.Current.CancellationToken);
        Assert.Equal([another, later, corrected], Enumerable.Range(0, logged.Count).Select(i => Encoding.UTF8.GetString(logged.Value(i))));
    }

    [Fact]
    public async Task Quarantined_records_are_listed_by_partition_from_an_offset_down()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Layers.CommitAsync(EpochEnd.KeepOpen, [.. Enumerable.Range(0, 5).Select(offset => Refused(offset, RejectReason.Malformed, [0x7b]))]);

        JsonElement listed = await app.GetAsync("/api/quarantine?partition=0&below=3&limit=2");
        JsonElement alone = await app.GetAsync("/api/quarantine?below=3", HttpStatusCode.BadRequest);
        JsonElement wrong = await app.GetAsync("/api/quarantine?partition=0&below=-1", HttpStatusCode.BadRequest);

        Assert.Equal(3, listed.GetProperty("total").GetInt64());
        Assert.Equal([2, 1], listed.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("offset").GetInt64()));
        Assert.Contains("Give 'partition' too", alone.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Give an offset", wrong.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_run_is_started_at_once_and_watched_at_its_own_address()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        using StringContent body = new("""{"stream":"flights"}""", Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await app.Client.PostAsync("/api/batch/runs", body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement run = await app.GetAsync(response.Headers.Location!.ToString());
        Assert.Equal("queued", run.GetProperty("state").GetString());
        Assert.Single((await app.GetAsync("/api/batch/runs?stream=flights")).EnumerateArray());
        JsonElement cancelled = await app.PostAsync("/api/batch/runs/run%201/cancel", "", "text/plain", HttpStatusCode.Accepted);
        Assert.Equal("cancelled", cancelled.GetProperty("state").GetString());
        await app.PostAsync("/api/batch/runs/nope/cancel", "", "text/plain", HttpStatusCode.NotFound);
        JsonElement problem = await app.PostAsync("/api/batch/runs", """{"stream":"trains"}""", "application/json", HttpStatusCode.NotFound);
        Assert.Contains("The streams are: flights", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        JsonElement malformed = await app.PostAsync("/api/batch/runs", "{", "application/json", HttpStatusCode.BadRequest);
        Assert.Contains("""{"stream": "flights"}""", malformed.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await app.PostAsync("/api/batch/runs", """{"stream": 5}""", "application/json", HttpStatusCode.BadRequest);
        await app.PostAsync("/api/batch/runs", "", "text/plain", HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task What_is_asked_of_a_batch_run_reaches_it_and_a_generation_is_rolled_back_to()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        foreach (string body in (string[])["""{"full":true}""", """{"dryRun":true}""", """{"from":"2001-01-14","to":"2001-01-15T00:00:00+01:00"}"""])
        {
            await app.PostAsync("/api/batch/runs", body, "application/json", HttpStatusCode.Accepted);
        }

        foreach (string wrong in (string[])["""{"full":"yes"}""", """{"from":"soon"}""", """{"from":"2001-01-14","to":"2001-01-14"}""", """{"from":5}""", """{"full":true,"to":"2001-01-14"}"""])
        {
            await app.PostAsync("/api/batch/runs", wrong, "application/json", HttpStatusCode.BadRequest);
        }

        WindowRange range = new(
            UtcMicroseconds.FromDateTime(new DateTime(2001, 1, 14, 0, 0, 0, DateTimeKind.Utc)),
            UtcMicroseconds.FromDateTime(new DateTime(2001, 1, 14, 23, 0, 0, DateTimeKind.Utc)));
        JsonElement answer = await app.PostAsync("/api/batch/rollbacks", """{"generation":7}""", "application/json", HttpStatusCode.OK);
        JsonElement problem = await app.PostAsync("/api/batch/rollbacks", """{"stream":"flights"}""", "application/json", HttpStatusCode.BadRequest);

        Assert.Equal(
            [BatchRunOrder.Usual with { Range = range }, new BatchRunOrder(RunScope.New, RunPurpose.Rehearse), new BatchRunOrder(RunScope.All, RunPurpose.Publish)],
            app.Runs.Orders);
        Assert.Equal([("flights", 7L)], app.Runs.RolledBack);
        Assert.Equal(7, answer.GetProperty("generation").GetInt64());
        Assert.Contains("\"generation\": 12", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_does_not_answer_leaves_queries_be_and_refuses_events()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        app.Log.IsDown = true;

        Assert.Equal(JsonValueKind.Null, (await app.GetAsync("/api/views/delays")).GetProperty("lag").ValueKind);
        await app.PostAsync("/api/streams/flights/events", IngestTests.Good(1), "application/json", HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task The_reference_describes_every_address_with_a_summary()
    {
        await using ServingApp app = await ServingApp.StartAsync();

        JsonElement document = await app.GetAsync("/openapi/v1.json");

        string[] operations =
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation =>
            {
                Assert.True(operation.Value.TryGetProperty("summary", out _), $"{operation.Name} {path.Name} has no summary.");
                return $"{operation.Name} {path.Name}";
            })),
        ];
        Assert.Contains("get /api/views/{view}/compare", operations);
        Assert.Contains("post /api/streams/{stream}/events", operations);
        Assert.Equal(26, operations.Length);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static QuarantinedRecord Refused(long offset, RejectReason reason, byte[] value) =>
        new(Sample.Stream, 0, offset, 5, reason, "A reason.", ReadOnlyMemory<byte>.Empty, value);
}
