using System.Net;
using System.Text.Json;
using Lambda.Capture;
using Lambda.Serving.Tests.Capture.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Serving.Tests.Capture;

public sealed class MiddlewareTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_event_tells_of_the_request_and_of_its_whole_answer()
    {
        FakeTimeProvider time = new(Noon);
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            _ => { },
            app =>
            {
                app.UseEventCapture();
                app.MapGroup("/people").MapGet("/{name}", (string name) =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(250));
                    return Results.Text(name, statusCode: 207);
                });
            },
            time);

        using HttpResponseMessage response = await server.GetAsync("/people/ada");

        await sink.TakenAsync(1);
        Click click = JsonSerializer.Deserialize<Click>(sink.Values[0], Json)!;
        Assert.Equal(new Click("GET", Noon, "ada", "/people/{name}", 207, 250), click);
    }

    /// <summary>Of such a prefix no request but one to itself was taken.</summary>
    [Fact]
    public async Task A_path_may_be_given_with_the_slash_behind_it()
    {
        TestSink sink = new();
        await using (CaptureRig rig = await CaptureRig.StartAsync(sink, configure: capture => capture.Paths("/shop/")))
        {
            foreach (string path in (string[])["/shop", "/shop/", "/shop/cart", "/shopping"])
            {
                rig.Send(path);
            }

            Assert.Equal(3, rig.Status.Captured);
        }

        await using CaptureRig all = await CaptureRig.StartAsync(new TestSink(), configure: capture => capture.Paths("/"));
        all.Send("/a/b");
        Assert.Equal(1, all.Status.Captured);
    }

    [Fact]
    public async Task Only_requests_that_are_chosen_become_events()
    {
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            capture => capture.Methods("get").Routes("a/{name}", "/b").Paths("/a", "/b").Where(request => request.Status == 200),
            app =>
            {
                app.UseEventCapture();
                app.MapMethods("/a/{name}", ["GET", "POST"], (string name) => name == "bad" ? Results.BadRequest() : Results.Ok());
                app.MapGet("/b", () => "b");
                app.MapGet("/b/more", () => "more");
                app.MapGet("/c/a/{name}", () => "c");
            });

        await PostAsync(server, "/a/1");
        foreach (string path in (string[])["/a/bad", "/b/more", "/c/a/1", "/nowhere", "/ab", "/a/2", "/B"])
        {
            (await server.GetAsync(path)).Dispose();
        }

        await sink.TakenAsync(2);
        Assert.Equal(["/a/{name}", "/b"], sink.Values.Select(json => JsonSerializer.Deserialize<Click>(json, Json)!.Page));
        Assert.Equal(2, server.Status.Captured);
    }

    [Fact]
    public async Task A_request_that_fails_is_captured_with_its_route_and_the_status_that_the_client_saw()
    {
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            capture => capture.Map(request => CaptureServer.Map(request) with { Id = request.Failure?.Message ?? "none" }),
            app =>
            {
                app.UseExceptionHandler(error => error.Run(context =>
                {
                    context.Response.StatusCode = 418;
                    return Task.CompletedTask;
                }));
                app.UseEventCapture();
                app.MapGet("/fails/{name}", IResult (string name) => throw new InvalidOperationException(name));
            });

        using HttpResponseMessage response = await server.GetAsync("/fails/oops");

        Assert.Equal(418, (int)response.StatusCode);
        await sink.TakenAsync(1);
        Click click = JsonSerializer.Deserialize<Click>(sink.Values[0], Json)!;
        Assert.Equal(("oops", "/fails/{name}", 418, "oops"), (click.Id, click.Page, click.Status, click.Visitor));
    }

    /// <summary>The page that is shown instead has a path of its own, and comes by here on the same request.</summary>
    [Theory]
    [InlineData("/fails/oops", 500)]
    [InlineData("/nowhere/oops", 404)]
    public async Task A_request_that_is_answered_by_another_page_is_one_event(string path, int status)
    {
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            _ => { },
            app =>
            {
                app.UseExceptionHandler("/sorry");
                app.UseStatusCodePagesWithReExecute("/sorry");
                app.UseEventCapture();
                app.MapGet("/fails/{name}", IResult (string name) => throw new InvalidOperationException(name));
                app.MapGet("/nowhere/{name}", () => Results.NotFound());
                app.MapGet("/sorry", () => "Sorry.");
                app.MapGet("/", () => "fine");
            });

        using HttpResponseMessage response = await server.GetAsync(path);
        Assert.Equal("Sorry.", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (await server.GetAsync("/")).Dispose();

        await sink.TakenAsync(2);
        Click[] clicks = [.. sink.Values.Select(json => JsonSerializer.Deserialize<Click>(json, Json)!)];
        Assert.Equal([status, 200], clicks.Select(click => click.Status));
        Assert.Equal([path.Replace("oops", "{name}", StringComparison.Ordinal), "/"], clicks.Select(click => click.Page));
        Assert.Equal(2, server.Status.Captured);
    }

    [Fact]
    public async Task An_exception_that_nobody_handles_is_still_the_servers_to_answer()
    {
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            _ => { },
            app =>
            {
                app.UseEventCapture();
                app.MapGet("/fails", IResult () => throw new InvalidOperationException("oops"));
            });

        using HttpResponseMessage response = await server.GetAsync("/fails");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await sink.TakenAsync(1);
        Assert.Equal(500, JsonSerializer.Deserialize<Click>(sink.Values[0], Json)!.Status);
    }

    [Fact]
    public async Task A_mapping_that_throws_fails_no_request_and_is_counted_and_logged_but_not_each_time()
    {
        FakeTimeProvider time = new(Noon);
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            capture => capture.Map(request => request.Path == "/good" ? CaptureServer.Map(request) : throw new FormatException("No such page.")),
            app =>
            {
                app.UseEventCapture();
                app.MapGet("/{**rest}", () => "fine");
            },
            time);

        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage response = await server.GetAsync("/bad");
            Assert.Equal("fine", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        (await server.GetAsync("/good")).Dispose();
        await sink.TakenAsync(1);
        Assert.Equal((5, 1), (server.Status.Failures, server.Status.Captured));
        time.Advance(TimeSpan.FromSeconds(1));
        string told = Assert.Single(server.Log.Of(4103));
        Assert.Contains("5 requests", told, StringComparison.Ordinal);
        Assert.Contains("No such page.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enrichers_see_the_services_of_the_request()
    {
        TestSink sink = new();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            capture => capture.Enrich((click, http) => click with { Visitor = http.RequestServices.GetRequiredService<Name>().Value }),
            app =>
            {
                app.UseEventCapture();
                app.MapGet("/", (Name name) => name.Value = "ada");
            },
            addServices: services => services.AddScoped<Name>());

        (await server.GetAsync("/")).Dispose();

        await sink.TakenAsync(1);
        Assert.Equal("ada", JsonSerializer.Deserialize<Click>(sink.Values[0], Json)!.Visitor);
    }

    [Fact]
    public async Task A_mapping_that_gives_nothing_makes_no_event()
    {
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, configure: capture => capture.Map(request => request.Path == "/1" ? CaptureRig.Map(request) : null));
        rig.SendNumbers(0, 3);

        await sink.TakenAsync(1);
        Assert.Equal((1, 0), (rig.Status.Captured, rig.Status.Failures));
    }

    [Fact]
    public async Task Answers_come_as_fast_with_a_sink_that_never_answers()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureServer server = await CaptureServer.StartAsync(
            sink,
            capture => capture.Limits(CaptureRig.Quick with { MaxBufferedEvents = 4, MaxBatchEvents = 1, FlushTimeout = TimeSpan.Zero }),
            app =>
            {
                app.UseEventCapture();
                app.MapGet("/", () => "fine");
            });

        for (int i = 0; i < 200; i++)
        {
            using HttpResponseMessage response = await server.GetAsync("/").WaitAsync(CaptureRig.Patience, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // The last event may be on its way yet: it is made when its response is complete.
        Assert.InRange(server.Status.Captured, 199, 200);
        Assert.True(server.Status.Dropped[EventDropReason.BufferFull] > 150);
        sink.Release();
    }

    [Fact]
    public void What_is_missing_is_said_when_the_capture_is_declared()
    {
        Assert.Contains("Map", Refusal(capture => capture.ToLog()), StringComparison.Ordinal);
        Assert.Contains("ToLog", Refusal(capture => capture.Map(CaptureRig.Map)), StringComparison.Ordinal);
        Assert.Contains("Keep one", Refusal(capture => capture.Map(CaptureRig.Map).ToLog().Key(click => click.Id).PartitionBy(click => click.Id)), StringComparison.Ordinal);
        Assert.Contains("no plain member", Refusal(capture => capture.Map(CaptureRig.Map).ToLog().PartitionBy(click => click.Id + "x")), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventCaptureLimits { MaxBatchEvents = 0 });
        Assert.Throws<InvalidOperationException>(() => new ApplicationBuilder(new ServiceCollection().BuildServiceProvider()).UseEventCapture());

        static string Refusal(Action<EventCaptureBuilder<Click>> configure) =>
            Assert.Throws<DefinitionException>(() => new ServiceCollection().AddEventCapture(CaptureRig.Stream, configure)).Message;
    }

    private static async Task PostAsync(CaptureServer server, string path) =>
        (await server.Client.PostAsync(path, null, TestContext.Current.CancellationToken)).Dispose();

    private sealed class Name
    {
        public string Value { get; set; } = "";
    }
}
