using System.Diagnostics;
using System.Text.Json;
using Lambda.Log;

namespace Lambda.Bench.Fresh;

/// <summary>Appends events with a key of their own, one after the other, and asks for each until it is shown.</summary>
internal sealed class Watcher(IEventLog log, HttpClient client, int number, TimeSpan pause)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Random _random = new(number);
    private List<double> _queries = [];

    /// <summary>How many markers it has appended in all.</summary>
    public int Markers { get; private set; }

    /// <summary>Appends and watches until it is told to stop.</summary>
    public async Task<Sighting[]> RunAsync(CancellationToken stop)
    {
        List<Sighting> sightings = [];
        while (!stop.IsCancellationRequested)
        {
            sightings.Add(await FollowAsync());

            // At any moment of the intervals that commits come in.
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100)), CancellationToken.None);
        }

        return [.. sightings];
    }

    /// <summary>How long its queries took since the last call.</summary>
    public Waits TakeQueries()
    {
        Waits taken = new(_queries);
        _queries = [];
        return taken;
    }

    /// <summary>How many events a marker's window holds now.</summary>
    public Task<long> CountAsync(int marker) => QueryAsync(Origin(marker));

    private string Origin(int marker) => $"marker-{number}-{marker}";

    private async Task<Sighting> FollowAsync()
    {
        string origin = Origin(Markers++);
        using RecordBatch batch = new(1);
        FlightRecord.Add(batch, 0, DateTime.UtcNow, origin);
        long begun = Stopwatch.GetTimestamp();
        Task<TimeSpan> append = AppendAsync(batch, begun);
        while (true)
        {
            long asked = Stopwatch.GetTimestamp();
            long events = await QueryAsync(origin);
            TimeSpan took = Stopwatch.GetElapsedTime(asked);
            _queries.Add(took.TotalMilliseconds);
            if (events == 1)
            {
                return new Sighting(await append, Stopwatch.GetElapsedTime(begun, asked), Stopwatch.GetElapsedTime(begun));
            }

            if (events > 1 || Stopwatch.GetElapsedTime(begun) > Patience)
            {
                throw new InvalidOperationException($"{origin} was shown {events} times after {Stopwatch.GetElapsedTime(begun)}.");
            }

            await Task.Delay(pause, CancellationToken.None);
        }
    }

    private async Task<TimeSpan> AppendAsync(RecordBatch batch, long begun)
    {
        await log.AppendAsync(Flight.StreamName, batch, CancellationToken.None);
        return Stopwatch.GetElapsedTime(begun);
    }

    private async Task<long> QueryAsync(string origin)
    {
        using JsonDocument answer = JsonDocument.Parse(
            await client.GetByteArrayAsync(new Uri($"api/views/hourly_by_origin?origin={origin}", UriKind.Relative)));
        return answer.RootElement.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("values").GetProperty("flights").GetInt64());
    }
}
