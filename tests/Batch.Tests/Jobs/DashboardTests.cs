using System.Net;
using System.Text.RegularExpressions;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Tests.Jobs;

[Collection(nameof(BatchHost))]
public partial class DashboardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pages_show_runs_and_verdicts_with_failing_rows()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.Expect(e => e.Range(o => o.Weight, 0.0, 5.0))));
        platform.Append(0, new Order("heavy", Orders.Day, "<script>alert(1)</script>", 20, 99, 2m));
        await using BatchHost host = await BatchHost.StartAsync(platform);
        string runId = await host.Services.GetRequiredService<IBatchRuns>().StartAsync(Orders.Stream, Cancellation);
        await JobEnds.WaitAsync(runId);
        using HttpClient client = new() { BaseAddress = host.Address };

        string glance = await client.GetStringAsync("/hangfire/streams", Cancellation);
        string page = await client.GetStringAsync("/hangfire/streams/orders", Cancellation);
        string run = await client.GetStringAsync($"/hangfire/streams/orders/runs/{runId}", Cancellation);

        Assert.All([glance, page], shown => Assert.Contains("Recompute now", shown, StringComparison.Ordinal));
        Assert.All([glance, page, run], shown => Assert.Contains(runId, shown, StringComparison.Ordinal));
        Assert.All([glance, page, run], shown => Assert.Contains("Blocked", shown, StringComparison.Ordinal));
        Assert.Contains("auditing", run, StringComparison.Ordinal);
        Assert.Contains("range of weight", page, StringComparison.Ordinal);
        Assert.Contains("conservation of by_shop", page, StringComparison.Ordinal);
        Assert.Contains("heavy", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_shown_whose_corrected_windows_reach_beyond_the_years_that_there_are()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving));
        await platform.StartSpeedAsync();
        platform.Append(0, new Order("usual", Orders.Day, "ams", 60, 1, 1m));
        platform.Append(0, new Order("first of all", DateTime.MinValue, "ams", 60, 1, 1m));
        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        await using BatchHost host = await BatchHost.StartAsync(platform);
        using HttpClient client = new() { BaseAddress = host.Address };

        string page = await client.GetStringAsync("/hangfire/streams/orders", Cancellation);

        Assert.Contains("0001-01-01 00:00:00 to 0001-01-01 00:15:00", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_starts_a_run()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        using HttpClient client = new() { BaseAddress = host.Address };
        string page = await client.GetStringAsync("/hangfire/streams", Cancellation);
        using HttpRequestMessage press = new(HttpMethod.Post, Button().Match(page).Groups[1].Value);
        press.Headers.Add(TokenHeader().Match(page).Groups[1].Value, Token().Match(page).Groups[1].Value);

        using HttpResponseMessage response = await client.SendAsync(press, Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        BatchRunStatus run = Assert.Single(host.Services.GetRequiredService<IBatchRuns>().Recent(Orders.Stream, 10));
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(run.RunId));
    }

    [Fact]
    public async Task A_replay_is_begun_listed_promoted_and_dropped_by_buttons_and_what_is_refused_is_told_by_its_job()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        using HttpClient client = new() { BaseAddress = host.Address };
        string page = await client.GetStringAsync("/hangfire/streams/orders", Cancellation);
        Assert.DoesNotContain("<h3>Replays", page, StringComparison.Ordinal);
        await PressAsync(client, page, "replay/orders");
        page = await UntilAsync(client, shown => shown.Contains("Replaying", StringComparison.Ordinal));

        // Nothing is in the log, so it is complete at once.
        await PressAsync(client, page, "replays/promote/orders/1");
        page = await UntilAsync(client, shown => shown.Contains("Kept", StringComparison.Ordinal));
        Assert.Equal(1, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.Edition);
        await PressAsync(client, page, "replays/drop/orders/0");
        await UntilAsync(client, shown => !shown.Contains("Kept", StringComparison.Ordinal));
        await PressAsync(client, page, "replays/drop/orders/0");
        await UntilAsync(client, shown => shown.Contains("has no replay 0", StringComparison.Ordinal), "/hangfire/jobs/failed");
    }

    [Fact]
    public async Task A_run_is_rehearsed_everything_computed_and_an_earlier_generation_gone_back_to_by_buttons_and_what_is_refused_is_told_by_its_job()
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        Order order = new("a", Orders.Day, "ams", 20, 1, 1m);
        platform.Append(0, order);
        await platform.CatchUpSpeedAsync();
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        platform.Append(0, order);
        await platform.CatchUpSpeedAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        IBatchRuns runs = host.Services.GetRequiredService<IBatchRuns>();
        using HttpClient client = new() { BaseAddress = host.Address };
        string page = await client.GetStringAsync("/hangfire/streams/orders", Cancellation);
        Assert.DoesNotContain("/rollback/", page, StringComparison.Ordinal);

        await PressAsync(client, page, "rehearse/orders");
        string rehearsed = Assert.Single(runs.Recent(Orders.Stream, 10)).RunId;
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(rehearsed));
        string run = await client.GetStringAsync($"/hangfire/streams/orders/runs/{rehearsed}", Cancellation);
        Assert.Contains("orders 2 → 1", WebUtility.HtmlDecode(run), StringComparison.Ordinal);
        Assert.Contains("1 repeated", run, StringComparison.Ordinal);
        Assert.Contains("conservation of by_shop", run, StringComparison.Ordinal);
        Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, 10, Cancellation));

        await PressAsync(client, page, "recomputeall/orders");
        string all = runs.Recent(Orders.Stream, 10).Single(found => found.RunId != rehearsed).RunId;
        Assert.Equal("Succeeded", await JobEnds.WaitAsync(all));
        Assert.Equal((BatchRunState.Published, null, 2), (runs.Find(all)!.State, runs.Find(all)!.CarriedFrom, runs.Find(all)!.Events));

        page = await UntilAsync(client, shown => shown.Contains("generations/rollback/orders/1", StringComparison.Ordinal));
        await PressAsync(client, page, "generations/rollback/orders/1");
        await UntilAsync(client, shown => shown.Contains("Generation 1 serves since", StringComparison.Ordinal));
        await PressAsync(client, page, "generations/rollback/orders/1");
        await UntilAsync(client, shown => shown.Contains("Roll back orders to generation 1", StringComparison.Ordinal), "/hangfire/jobs/failed");
    }

    private static async Task PressAsync(HttpClient client, string page, string command)
    {
        using HttpRequestMessage press = new(HttpMethod.Post, $"/hangfire/batch-commands/{command}");
        press.Headers.Add(TokenHeader().Match(page).Groups[1].Value, Token().Match(page).Groups[1].Value);
        Assert.Contains($"/hangfire/batch-commands/{command}", page, StringComparison.Ordinal);
        using HttpResponseMessage response = await client.SendAsync(press, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static async Task<string> UntilAsync(HttpClient client, Func<string, bool> isThere, string path = "/hangfire/streams/orders")
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        string page = await client.GetStringAsync(path, Cancellation);
        for (int look = 0; !isThere(page); look++)
        {
            Assert.True(look < 400, page);
            await timer.WaitForNextTickAsync(Cancellation);
            page = await client.GetStringAsync(path, Cancellation);
        }

        return page;
    }

    [Fact]
    public async Task A_page_from_elsewhere_cannot_press_the_button()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        using HttpClient client = new() { BaseAddress = host.Address };
        using StringContent nothing = new("");

        using HttpResponseMessage response = await client.PostAsync("/hangfire/batch-commands/recompute/orders", nothing, Cancellation);

        Assert.True((int)response.StatusCode is >= 400 and < 500, $"{response.StatusCode}");
        Assert.Empty(host.Services.GetRequiredService<IBatchRuns>().Recent(Orders.Stream, 10));
    }

    [Fact]
    public async Task The_dashboard_is_closed_to_names_that_are_not_this_machines()
    {
        await using Platform platform = await Platform.CreateAsync();
        await using BatchHost host = await BatchHost.StartAsync(platform);
        using HttpClient client = new() { BaseAddress = host.Address };
        using HttpRequestMessage request = new(HttpMethod.Get, "/hangfire/streams");
        request.Headers.Host = "rebound.example";

        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);

        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
    }

    [GeneratedRegex("data-command=\"([^\"]*/batch-commands/recompute/orders)\"")]
    private static partial Regex Button();

    [GeneratedRegex("<meta name=\"csrf-header\" content=\"([^\"]*)\"")]
    private static partial Regex TokenHeader();

    [GeneratedRegex("<meta name=\"csrf-token\" content=\"([^\"]*)\"")]
    private static partial Regex Token();
}
