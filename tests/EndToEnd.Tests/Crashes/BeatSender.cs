using System.Net;
using System.Net.Http.Json;
using Lambda.CrashApp;

namespace Lambda.EndToEnd.Tests.Crashes;

/// <summary>Sends beats over HTTP and remembers what became of them. A request that got no answer is sent again after the next start, or never.</summary>
internal sealed class BeatSender(int seed)
{
    private const int MostRequests = 60;
    private const int MostBeats = 8;

    // All within one day, so that no beat is late for its day.
    private static readonly DateTime Start = new(2024, 5, 1, 1, 0, 0, DateTimeKind.Utc);

    private readonly Random _random = new(seed);
    private readonly List<Beat[]> _unanswered = [];
    private readonly List<Beat[]> _answered = [];
    private readonly Dictionary<string, Beat> _sent = [];
    private readonly HashSet<string> _acknowledged = [];
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;

    /// <summary>Every beat that was ever sent, by id.</summary>
    public IReadOnlyDictionary<string, Beat> Sent => _sent;

    /// <summary>The ids of those whose taking was acknowledged.</summary>
    public IReadOnlySet<string> Acknowledged => _acknowledged;

    /// <summary>Sends until the process is gone, or enough.</summary>
    public async Task SendAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        Queue<Beat[]> again = new(_unanswered.Where(_ => _random.Next(2) == 0));
        _unanswered.Clear();
        for (int request = 0; request < MostRequests; request++)
        {
            Beat[] beats = again.TryDequeue(out Beat[]? old) ? old
                : _answered.Count > 0 && _random.Next(12) == 0 ? _answered[_random.Next(_answered.Count)]
                : New();
            if (!await TrySendAsync(client, beats, cancellationToken))
            {
                _unanswered.Add(beats);
                _unanswered.AddRange(again);
                break;
            }
        }

        Interlocked.Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Completes when so many more requests were answered, or sending has ended.</summary>
    public async Task WaitAsync(int more, Task sending)
    {
        int until = Volatile.Read(ref _requests) + more;
        while (Volatile.Read(ref _requests) < until && !sending.IsCompleted)
        {
            await Task.WhenAny(_progress.Task, sending);
        }
    }

    private async Task<bool> TrySendAsync(HttpClient client, Beat[] beats, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync($"/api/streams/{Beat.Stream}/events", beats, cancellationToken);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The process was killed while it had the request, or before.
            return false;
        }

        _acknowledged.UnionWith(beats.Select(beat => beat.Id));
        _answered.Add(beats);
        Interlocked.Increment(ref _requests);
        Interlocked.Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return true;
    }

    private Beat[] New()
    {
        Beat[] beats = new Beat[_random.Next(1, MostBeats)];
        for (int i = 0; i < beats.Length; i++)
        {
            int behind = _random.Next(8) == 0 ? _random.Next(0, 600) : _random.Next(0, 20);
            string id = $"b{_sent.Count}";
            beats[i] = new Beat(
                id, Start.AddMilliseconds(_sent.Count * 400).AddSeconds(-behind), $"sensor {_random.Next(7)}",
                _random.Next(15) == 0 ? Beat.LeastValue - 1 : _random.Next(1, 1000));
            _sent.Add(id, beats[i]);
        }

        return beats;
    }
}
