using System.Globalization;
using System.Text.Json;

namespace Lambda.Bench.Soak;

/// <summary>Asks for what is new and for what is old, of every view in turn, as long as the soak lasts.</summary>
internal sealed class SoakReader(HttpClient client, DateTime start)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Random _random = new(5);

    /// <summary>How many queries were answered.</summary>
    public int Queries { get; private set; }

    /// <param name="sent">How many events were sent until now.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<long> sent, CancellationToken stop)
    {
        using PeriodicTimer timer = new(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                long events = sent();
                long about = _random.Next(4) == 0 ? _random.NextInt64(events + 1) : events;
                DateTime to = start + VisitMaker.Length(about);
                long visitor = Math.Max(0, (about - _random.NextInt64(VisitMaker.VisitorSpan)) / 20);
                await AskAsync((_random.Next(5)) switch
                {
                    0 => $"views/{Visit.Pages}?page=p{_random.Next(200):D3}&{Range(to)}",
                    1 => $"views/{Visit.Sections}?{Range(to)}",
                    2 => $"views/{Visit.Sessions}?visitor={VisitMaker.Visitor(visitor)}",
                    3 => $"views/{Visit.Funnel}?visitor={VisitMaker.Visitor(visitor)}",
                    _ => $"streams/{Visit.StreamName}",
                }, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was told to stop.
        }
    }

    /// <summary>The sum of the counts of all rows of an answer whose windows do not begin before <paramref name="from"/>.</summary>
    public async Task<long> SumAsync(string query, DateTime from = default)
    {
        using JsonDocument answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"api/{query}", UriKind.Relative)));
        return answer.RootElement.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("windowStart").GetDateTime() >= from)
            .Sum(row => row.GetProperty("values").GetProperty("visits").GetInt64());
    }

    /// <summary>A range, as the API takes it.</summary>
    public static string Range(DateTime from, DateTime to) =>
        string.Create(CultureInfo.InvariantCulture, $"from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}");

    private static string Range(DateTime to) => Range(to.AddHours(-2), to.AddHours(1));

    private async Task AskAsync(string query, CancellationToken stop)
    {
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"api/{query}", UriKind.Relative), stop);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{query} was answered with {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(stop)}");
        }

        Queries++;
    }
}
