using System.Net;
using System.Text;
using Lambda.Capture;
using Lambda.Capture.Sinks;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Serving.Tests.Running;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Capture;

/// <summary>The sink that posts to the API, against the API itself.</summary>
public sealed class PlatformSinkTests
{
    [Fact]
    public async Task Events_are_in_the_log_when_the_sink_says_so()
    {
        await using ServingApp app = await ServingApp.StartAsync(Beats());
        await using PlatformSink sink = Sink(app);

        SinkAnswer answer = await SendAsync(sink, Beat(1), Beat(2));

        Assert.Equal(default, answer);
        Assert.Equal([Beat(1), Beat(2)], await LoggedAsync(app));
    }

    [Fact]
    public async Task What_the_platform_refuses_is_told_and_the_rest_is_taken()
    {
        await using ServingApp app = await ServingApp.StartAsync(Beats());
        await using PlatformSink sink = Sink(app);

        SinkAnswer some = await SendAsync(sink, Beat(1), "{}", Beat(2));
        SinkAnswer all = await SendAsync(sink, "{}", "not json");

        Assert.Equal((1, 2), (some.Refused, all.Refused));
        Assert.Contains("is missing", some.Why, StringComparison.Ordinal);
        Assert.Equal([Beat(1), Beat(2)], await LoggedAsync(app));
    }

    [Fact]
    public async Task A_batch_that_is_larger_than_the_platform_takes_is_sent_in_parts()
    {
        await using ServingApp app = await ServingApp.StartAsync(Beats(), options => options.MaxRecords = 3);
        await using PlatformSink sink = Sink(app);
        string[] beats = [.. Enumerable.Range(0, 20).Select(Beat)];

        Assert.Equal(default, await SendAsync(sink, beats));
        Assert.Equal(beats, await LoggedAsync(app));
    }

    [Fact]
    public async Task An_event_that_is_larger_than_the_platform_takes_is_refused_alone()
    {
        await using ServingApp app = await ServingApp.StartAsync(Beats(), options => options.MaxRecordBytes = 200);
        await using PlatformSink sink = Sink(app);

        SinkAnswer answer = await SendAsync(sink, Beat(1), $"{Beat(2)}{new string(' ', 300)}", Beat(3));

        Assert.Equal(1, answer.Refused);
        Assert.Equal([Beat(1), Beat(3)], await LoggedAsync(app));
    }

    /// <summary>The API called it an outage of the log, so that it was sent again and again, and nothing behind it ever.</summary>
    [Fact]
    public async Task An_event_that_is_larger_than_the_log_behind_the_platform_takes_is_refused_alone()
    {
        // That of the log is 1 MiB.
        await using ServingApp app = await ServingApp.StartAsync(Beats(), options => options.MaxRecordBytes = 2 << 20);
        await using PlatformSink sink = Sink(app);

        SinkAnswer answer = await SendAsync(sink, Beat(1), $"{Beat(2)}{new string(' ', 1 << 20)}", Beat(3));

        Assert.Equal(1, answer.Refused);
        Assert.Equal([Beat(1), Beat(3)], await LoggedAsync(app));
    }

    [Fact]
    public async Task A_platform_that_does_not_know_the_stream_or_whose_log_is_down_is_a_failure_to_be_tried_again()
    {
        await using ServingApp app = await ServingApp.StartAsync(Beats());
        await using PlatformSink sink = Sink(app);

        HttpRequestException unknown = await Assert.ThrowsAsync<HttpRequestException>(() => SendBatchAsync(sink, "others", [Beat(1)]));
        app.Log.IsDown = true;
        HttpRequestException down = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(sink, Beat(1)));

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("others", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, down.StatusCode);
    }

    private static Catalog Beats()
    {
        StreamBuilder<BeatEvent> beats = new StreamBuilder<BeatEvent>(Sample.Stream).EventTime(beat => beat.Time).Partitions(1);
        beats.View("beats").Window(AllTime.Window).Aggregate(a => new { Beats = a.Count() });
        return Catalog.Build([beats]);
    }

    private static string Beat(int id) => $$"""{"id":{{id}},"time":"2001-01-01T00:00:00Z"}""";

    private static PlatformSink Sink(ServingApp app) => new(new HttpClient { BaseAddress = app.Address });

    private static Task<SinkAnswer> SendAsync(PlatformSink sink, params string[] events) => SendBatchAsync(sink, Sample.Stream, events);

    private static async Task<SinkAnswer> SendBatchAsync(PlatformSink sink, string stream, string[] events)
    {
        using RecordBatch batch = new();
        foreach (string json in events)
        {
            batch.Add(default, Encoding.UTF8.GetBytes(json));
        }

        return await sink.SendAsync(stream, batch, TestContext.Current.CancellationToken);
    }

    private static async Task<IReadOnlyList<string>> LoggedAsync(ServingApp app)
    {
        using RecordBatch records = new();
        await app.Log.ReadAsync(Sample.Stream, 0, 0, records, TestContext.Current.CancellationToken);
        return [.. Enumerable.Range(0, records.Count).Select(i => Encoding.UTF8.GetString(records.Value(i)))];
    }

    private sealed record BeatEvent(int Id, DateTime Time);
}
