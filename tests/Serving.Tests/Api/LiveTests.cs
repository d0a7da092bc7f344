using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Lambda.Definition;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Time;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Api;

public class LiveTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_sent_at_once_and_again_when_it_says_something_else()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await using LiveStream live = await LiveStream.OpenAsync(app, "delays/live?origin=ATL");
        Assert.Equal(("answer", ""), await ReadAsync(live));

        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 5));
        app.Time.Advance(Interval);
        Assert.Equal(("answer", "ATL 00 1 5 open 0 1 0"), await ReadAsync(live));

        // Of another key, so that the answer is the same.
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(1, "LAX", 15, 5));
        app.Time.Advance(Interval);
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(2, "ATL", 20, 7));
        app.Time.Advance(Interval);
        Assert.Equal(("answer", "ATL 00 2 12 open 0 2 0"), await ReadAsync(live));
    }

    [Fact]
    public async Task Listeners_are_told_now_and_then_that_nothing_has_changed()
    {
        await using ServingApp app = await Scenario.StartAsync();
        await using LiveStream live = await LiveStream.OpenAsync(app, "delays/live?limit=1&order=-totalDelay");
        Assert.Equal(("answer", "ATL 00 3 112 corrected 3 0 1"), await ReadAsync(live));

        app.Time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal("alive", (await live.ReadAsync()).EventType);
    }

    [Fact]
    public async Task A_window_that_closes_as_a_partition_becomes_idle_is_told_though_the_store_has_not_changed()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await app.Store.GrowAsync(Sample.Stream, 2, Cancellation);
        PartitionClaim claim = await app.Store.ClaimAsync(Sample.Stream, 1, Cancellation);
        await app.Store.CommitAsync(
            new SpeedCommit
            {
                Stream = Sample.Stream,
                Partition = 1,
                Fence = claim.Fence,
                Epoch = claim.Epoch,
                NextOffset = 1,
                MaxEventTime = UtcMicroseconds.From(Sample.Start.AddMinutes(5)),
                LastAppendedAt = UtcMicroseconds.From(app.Time.GetUtcNow()),
                Tally = new EventTally(1, 0),
                Partials = [],
                Quarantine = [],
                EpochEnd = EpochEnd.KeepOpen,
            },
            Cancellation);
        app.Time.Advance(TimeSpan.FromSeconds(20));
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 5), Sample.Flight(1, "ATL", 130, 5));
        await using LiveStream live = await LiveStream.OpenAsync(app, "delays/live?limit=1");
        Assert.Equal(("answer", "ATL 00 1 5 open 0 1 0"), await ReadAsync(live));

        app.Time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(("answer", "ATL 00 1 5 complete 0 1 0"), await ReadAsync(live));
    }

    [Fact]
    public async Task What_cannot_be_answered_for_now_is_told_once()
    {
        OwnSum<long> small = new("small", sum => sum > 0 ? throw new InvalidOperationException("too much") : sum);
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Sample.Stream).EventTime(f => f.Date).PartitionBy(f => f.Origin).Partitions(1);
        flights.View(Sample.View).GroupBy(f => f.Origin).Window(Tumbling.Every(TimeSpan.FromHours(1)))
            .Aggregate(a => new { Flights = a.Count(), TotalDelay = a.Custom(small, f => f.Delay) });
        await using ServingApp app = await ServingApp.StartAsync(Catalog.Build([flights]));
        await using LiveStream live = await LiveStream.OpenAsync(app, "delays/live");
        Assert.Equal(("answer", ""), await ReadAsync(live));

        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(0, "ATL", 10, 5));
        app.Time.Advance(Interval);
        SseItem<JsonElement> problem = await live.ReadAsync();
        Assert.Equal("problem", problem.EventType);
        Assert.Contains("GetResult of its aggregator threw", problem.Data.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(1, "ATL", 20, 6));
        app.Time.Advance(Interval);
        await app.Layers.SpeedAsync(EpochEnd.Seal, Sample.Flight(2, "ATL", 30, -11));
        app.Time.Advance(Interval);
        Assert.Equal(("answer", "ATL 00 3 0 open 0 3 0"), await ReadAsync(live));
    }

    [Theory]
    [InlineData("nope/live", 404, "The views are")]
    [InlineData("delays/live?cursor=abc", 400, "there is no such parameter")]
    [InlineData("delays/live?format=csv", 400, "there is no such parameter")]
    [InlineData("delays/live?order=size", 400, "windowStart, origin, flights")]
    public async Task A_wrong_request_is_refused_before_anything_is_sent(string path, int status, string expected)
    {
        await using ServingApp app = await ServingApp.StartAsync();
        JsonElement problem = await app.GetAsync($"/api/views/{path}", (HttpStatusCode)status);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_listen_at_once_than_may_and_whoever_leaves_makes_room()
    {
        await using ServingApp app = await ServingApp.StartAsync(options => options.MaxListeners = 1);
        LiveStream first = await LiveStream.OpenAsync(app, "delays/live");
        await first.ReadAsync();

        JsonElement problem = await app.GetAsync("/api/views/delays/live", HttpStatusCode.ServiceUnavailable);
        Assert.Contains("As many answers are followed as this server lets (1)", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // The server notices in its own time that nobody listens any more.
        await first.DisposeAsync();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await LiveStream.StatusAsync(app, "delays/live") != HttpStatusCode.OK)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    [Fact]
    public async Task An_application_that_stops_waits_for_no_listener()
    {
        await using ServingApp app = await ServingApp.StartAsync();
        await using LiveStream live = await LiveStream.OpenAsync(app, "delays/live");
        await live.ReadAsync();

        await app.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        Assert.True(await live.IsOverAsync());
    }

    private static async Task<(string Event, string Rows)> ReadAsync(LiveStream live)
    {
        SseItem<JsonElement> item = await live.ReadAsync();
        return (item.EventType, string.Join(", ", QueryTests.Rows(item.Data)));
    }
}
