using System.Diagnostics;
using Lambda.Log;

namespace Lambda.Bench.Fresh;

/// <summary>Appends flights of many airports at a rate: what is due every few milliseconds, as one batch.</summary>
internal sealed class SteadyLoad(IEventLog log, int rate)
{
    private const int Airports = 300;
    private const int MostPerBatch = 20_000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private static readonly string[] Origins = [.. Enumerable.Range(0, Airports).Select(airport => $"A{airport:D3}")];

    /// <summary>How many events it has appended in all.</summary>
    public long Events { get; private set; }

    /// <summary>Appends until it is told to stop. What it could not append in time it catches up with.</summary>
    public async Task<Appended> RunAsync(CancellationToken stop)
    {
        List<double> waits = [];
        using RecordBatch batch = new(MostPerBatch, MostPerBatch * 256);
        using PeriodicTimer timer = new(Beat);
        long started = Stopwatch.GetTimestamp();
        long before = Events;
        while (!stop.IsCancellationRequested)
        {
            long due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate) - (Events - before);
            batch.Clear();
            DateTime now = DateTime.UtcNow;
            for (int i = 0; i < Math.Min(due, MostPerBatch); i++)
            {
                FlightRecord.Add(batch, Events, now, Origins[Events % Airports]);
                Events++;
            }

            if (batch.Count > 0)
            {
                long begun = Stopwatch.GetTimestamp();
                await log.AppendAsync(Flight.StreamName, batch, CancellationToken.None);
                waits.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }

            if (due <= MostPerBatch)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        return new Appended(Events - before, new Waits(waits));
    }

    /// <summary>What was appended in a stretch of time.</summary>
    /// <param name="Events">How many events.</param>
    /// <param name="Waits">How long batches took until they were durable.</param>
    internal sealed record Appended(long Events, Waits Waits);
}
