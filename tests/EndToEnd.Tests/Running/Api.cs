using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Lambda.EndToEnd.Tests.Running;

/// <summary>The API of a running application, and waiting for it.</summary>
internal sealed class Api(Uri address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // What an answer takes goes off what it waits for: all of these share two processors.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };

    public async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path, Cancellation);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"GET {path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Starts a batch run.</summary>
    /// <returns>The run's path.</returns>
    public async Task<string> StartRunAsync(string stream)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync("/api/batch/runs", new { stream }, Cancellation);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"POST /api/batch/runs: {(int)response.StatusCode} {body}");
        return response.Headers.Location!.ToString();
    }

    /// <summary>Runs the batch layer, which must publish.</summary>
    public async Task PublishAsync(string stream)
    {
        string run = await StartRunAsync(stream);
        JsonElement ended = await UntilAsync(run, status => status.GetProperty("endedAt").ValueKind != JsonValueKind.Null);
        Assert.True(ended.GetProperty("state").GetString() == "published", ended.GetRawText());
    }

    /// <summary>Has the generation that serves held against what was published.</summary>
    public async Task<JsonElement> VerifyGenerationAsync(string stream)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync($"/internal/streams/{stream}/generations/verify", new { }, Cancellation);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"POST generations/verify: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Waits until the speed layer has computed all of a stream's log.</summary>
    public Task<JsonElement> CaughtUpAsync(string stream) => UntilAsync(
        $"/api/streams/{stream}",
        status => status.GetProperty("lag") is { ValueKind: JsonValueKind.Object } lag && lag.GetProperty("events").GetInt64() == 0);

    /// <summary>Asks until the answer is as it should be.</summary>
    public Task<JsonElement> UntilAsync(string path, Predicate<JsonElement> isThere) => UntilAsync(path, isThere, LookEvery);

    /// <summary>Asks so often that what comes next can be met in the middle of it.</summary>
    public Task<JsonElement> MomentAsync(string path, Predicate<JsonElement> isThere) => UntilAsync(path, isThere, TimeSpan.FromMilliseconds(20));

    public void Dispose() => Client.Dispose();

    private async Task<JsonElement> UntilAsync(string path, Predicate<JsonElement> isThere, TimeSpan every)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonElement answer = await GetAsync(path);
            if (isThere(answer))
            {
                return answer;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{path} did not come to be in {Patience}: {answer.GetRawText()}");
            await Task.Delay(every, Cancellation);
        }
    }
}
