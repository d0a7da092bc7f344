using System.Net;
using System.Text.Json;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

/// <summary>What a log has lost: told, accepted, remembered.</summary>
public class GapTests
{
    private const string Json = "application/json";

    [Fact]
    public async Task Lost_offsets_are_told_until_somebody_accepts_them_and_as_a_gap_from_then_on()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Layers.AppendAsync([.. Enumerable.Range(0, 8).Select(id => Sample.Flight(id, "ATL", id, 1))]);
        await app.Log.TrimAsync(Sample.Stream, 0, 5, TestContext.Current.CancellationToken);
        long start = (await app.Log.GetOffsetsAsync(Sample.Stream, 0, TestContext.Current.CancellationToken)).Start;
        Assert.InRange(start, 1, 5);

        JsonElement before = await app.GetAsync("/api/streams/flights");
        JsonElement unaccepted = await app.GetAsync("/api/views/by_everything");
        JsonElement early = await app.PostAsync(
            "/api/streams/flights/gaps", $"{{\"partition\":0,\"start\":0,\"end\":{start + 1}}}", Json, HttpStatusCode.Conflict);
        await app.PostAsync("/api/streams/flights/gaps", $"{{\"partition\":0,\"start\":0,\"end\":{start}}}", Json, HttpStatusCode.OK);
        JsonElement after = await app.GetAsync("/api/streams/flights");
        JsonElement answer = await app.GetAsync("/api/views/by_everything");

        Assert.Equal($"[{{\"partition\":0,\"start\":0,\"end\":{start}}}]", before.GetProperty("lost").GetRawText());
        Assert.Contains("accept-gap flights --partition 0", Assert.Single(before.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.False(unaccepted.GetProperty("completeness").GetProperty("complete").GetBoolean());
        Assert.Contains(
            $"Partition 0 stands still: the log has lost the offsets [0, {start})", unaccepted.GetProperty("completeness").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains($"from {start} on", early.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("[]", after.GetProperty("lost").GetRawText());
        Assert.Equal("[]", after.GetProperty("problems").GetRawText());
        JsonElement gap = Assert.Single(after.GetProperty("gaps").EnumerateArray());
        Assert.Equal((0L, start), (gap.GetProperty("start").GetInt64(), gap.GetProperty("end").GetInt64()));
        Assert.False(answer.GetProperty("completeness").GetProperty("complete").GetBoolean());
        Assert.Contains($"[0, {start}) of partition 0", answer.GetProperty("completeness").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_that_were_added_and_nobody_computes_are_told_until_the_log_does_not_answer()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Layers.AppendAsync([Sample.Flight(1, "ATL", 1, 1)]);
        JsonElement before = await app.GetAsync("/api/streams/flights");
        app.Log.AddedPartitions = 2;
        JsonElement grown = await app.GetAsync("/api/streams/flights");
        app.Log.IsDown = true;
        int counted = app.Log.Counted;
        JsonElement silent = await app.GetAsync("/api/streams/flights");

        int partitions = before.GetProperty("partitions").GetArrayLength();
        Assert.Equal("[]", before.GetProperty("problems").GetRawText());
        Assert.Contains(
            $"has {partitions + 2} partitions of stream 'flights', of which {partitions} are computed",
            Assert.Single(grown.GetProperty("problems").EnumerateArray()).GetString(),
            StringComparison.Ordinal);
        Assert.Equal("[]", silent.GetProperty("problems").GetRawText());
        Assert.Equal(JsonValueKind.Null, silent.GetProperty("lag").ValueKind);
        Assert.Equal(counted, app.Log.Counted);
    }

    [Theory]
    [InlineData("flights", """{"partition":0,"start":5,"end":5}""", HttpStatusCode.BadRequest)]
    [InlineData("flights", """{"partition":0,"start":5}""", HttpStatusCode.BadRequest)]
    [InlineData("flights", """[]""", HttpStatusCode.BadRequest)]
    [InlineData("flights", """{"partition":0,"start":-1,"end":0}""", HttpStatusCode.Conflict)]
    [InlineData("flights", """{"partition":7,"start":0,"end":5}""", HttpStatusCode.NotFound)]
    [InlineData("trains", """{"partition":0,"start":0,"end":5}""", HttpStatusCode.NotFound)]
    public async Task What_is_no_gap_is_refused(string stream, string body, HttpStatusCode expected)
    {
        await using ServingApp app = await ServingApp.StartAsync();

        await app.PostAsync($"/api/streams/{stream}/gaps", body, Json, expected);
    }
}
