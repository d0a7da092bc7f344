using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lambda.Host.Tests.Support;
using Lambda.Store;
using Xunit;

namespace Lambda.Host.Tests.Replays;

/// <summary>Replays of a running application, asked for by its API.</summary>
public sealed class ReplayTests : IAsyncDisposable
{
    private static readonly string First = RunningPlatform.PageOf(0);
    private static readonly string Second = RunningPlatform.PageOf(1);

    private readonly RunningPlatform _running = new();
    private HttpClient? _http;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Http => _http ??= new HttpClient { BaseAddress = _running.Address };

    private string Path => $"api/streams/{_running.Stream}/replays";

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await _running.DisposeAsync();
    }

    [Fact]
    public async Task A_replay_takes_the_history_without_what_was_deleted_and_then_the_log_and_the_batch_layer_goes_on_with_it()
    {
        await _running.InitializeAsync();
        await VisitAsync(First, 0, 4);
        await VisitAsync(Second, 0, 4);
        await RecomputeAsync();
        (await Http.PostAsJsonAsync(
            $"internal/streams/{_running.Stream}/history/delete", new { where = $"page = '{First}' AND id <> '{First}2'", dryRun = false }, Token)).EnsureSuccessStatusCode();
        await VisitAsync(First, 4, 6);
        Assert.Equal((6, 4), await VisitsAsync("speed"));

        await ReplayAsync();
        Assert.Equal((6, 4), await VisitsAsync("speed"));
        await MustBeRefusedAsync(Http.PostAsync(Path, null, Token), "Replay 1 of stream");
        await MustBeRefusedAsync(Http.PostAsync($"{Path}/0/promote", null, Token), "is the one that answers");
        await MustBeRefusedAsync(Http.DeleteAsync($"{Path}/0", Token), "is the one that answers");
        Assert.Equal(HttpStatusCode.NotFound, (await Http.PostAsync($"{Path}/7/promote", null, Token)).StatusCode);

        await PromoteAsync(1);
        Assert.Equal((3, 4), await VisitsAsync("speed"));

        // The generation that is served still has them; from its boundary on it is what was replayed that counts.
        Assert.Equal((6, 4), await VisitsAsync("merged"));
        await VisitAsync(Second, 4, 5);
        await RecomputeAsync();
        Assert.Equal((3, 5), await VisitsAsync("batch"));
        Assert.Equal((3, 5), await VisitsAsync("merged"));
        JsonElement compared = await Http.GetFromJsonAsync<JsonElement>("api/views/by_page/compare", Token);
        Assert.Equal(0, compared.GetProperty("totals").GetProperty("unexplained").GetInt64());

        await PromoteAsync(0);
        Assert.Equal((6, 5), await VisitsAsync("speed"));
        (await Http.DeleteAsync($"{Path}/1", Token)).EnsureSuccessStatusCode();
        Assert.Equal([0], (await ListAsync()).Select(replay => replay.GetProperty("replay").GetInt32()));
    }

    [Fact]
    public async Task A_replay_takes_over_while_events_come_and_nothing_is_counted_twice_or_missed()
    {
        await _running.InitializeAsync();
        await VisitAsync(First, 0, 50);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int> sending = Task.Run(
            async () =>
            {
                int sent = 0;
                for (; !enough.IsCancellationRequested; sent += 10)
                {
                    await VisitAsync(Second, sent, sent + 10);
                }

                return sent;
            },
            Token);
        await ReplayAsync();
        await PromoteAsync(1);
        await enough.CancelAsync();
        int sent = await sending;

        // The last ones are acknowledged by the edition that answers now.
        await VisitAsync(Second, sent, sent + 1);
        Assert.Equal((50, sent + 1), await VisitsAsync("merged"));
        StreamStatus status = (await _running.Platform.Store.ReadStreamAsync(_running.Stream, Token))!;
        Assert.Equal((1, 51 + sent), (status.Edition, status.Partitions.Sum(partition => partition.Accepted)));
        Assert.Equal(["kept", "live"], (await ListAsync()).Select(replay => replay.GetProperty("state").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("health/ready", Token)).StatusCode);
    }

    private static async Task MustBeRefusedAsync(Task<HttpResponseMessage> asked, string part)
    {
        using HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(part, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    /// <summary>Visits of a page by number, a second apart, once they are committed.</summary>
    private Task VisitAsync(string page, int from, int to) => _running.AppendAsync(
        page,
        [.. Enumerable.Range(from, to - from).Select(number => RunningPlatform.Visit(
            string.Create(CultureInfo.InvariantCulture, $"{page}{number}"), page, TimeSpan.FromSeconds(number).ToString("c", CultureInfo.InvariantCulture)))]);

    private async Task ReplayAsync()
    {
        using HttpResponseMessage answer = await Http.PostAsync(Path, null, Token);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await UntilAsync(async () => (await Http.GetFromJsonAsync<JsonElement>(answer.Headers.Location, Token)).GetProperty("isComplete").GetBoolean());
    }

    private async Task PromoteAsync(int replay)
    {
        using HttpResponseMessage answer = await Http.PostAsync($"{Path}/{replay}/promote", null, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task RecomputeAsync()
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("api/batch/runs", new { stream = _running.Stream }, Token);
        string id = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("runId").GetString()!;
        JsonElement run = default;
        await UntilAsync(async () =>
        {
            run = await Http.GetFromJsonAsync<JsonElement>($"api/batch/runs/{id}", Token);
            return run.GetProperty("state").GetString() is not ("queued" or "running");
        });
        Assert.Equal("published", run.GetProperty("state").GetString());
    }

    private async Task<IReadOnlyList<JsonElement>> ListAsync() => [.. (await Http.GetFromJsonAsync<JsonElement>(Path, Token)).EnumerateArray()];

    /// <summary>How many visits of each page a layer has.</summary>
    private async Task<(long First, long Second)> VisitsAsync(string layer)
    {
        JsonElement answer = await Http.GetFromJsonAsync<JsonElement>($"api/views/by_page?layer={layer}", Token);
        long Of(string page) => answer.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("key").GetProperty("page").GetString() == page).Sum(row => row.GetProperty("values").GetProperty("visits").GetInt64());
        return (Of(First), Of(Second));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        for (int look = 0; !await condition(); look++)
        {
            Assert.True(look < 1000, "It did not come to be.");
            await timer.WaitForNextTickAsync(Token);
        }
    }
}
