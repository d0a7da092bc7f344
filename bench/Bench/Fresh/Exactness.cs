using System.Diagnostics;
using System.Text.Json;

namespace Lambda.Bench.Fresh;

/// <summary>Whether every event was counted once.</summary>
internal static class Exactness
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <exception cref="InvalidOperationException">Events are missing, or were counted twice or late.</exception>
    public static async Task RequireAsync(HttpClient client, SteadyLoad load, Watcher[] watchers)
    {
        long wanted = load.Events + watchers.Sum(watcher => watcher.Markers);
        long found = 0;
        for (long started = Stopwatch.GetTimestamp(); found != wanted;)
        {
            using JsonDocument answer = JsonDocument.Parse(
                await client.GetByteArrayAsync(new Uri("api/views/hourly_by_origin?rollup=true", UriKind.Relative)));
            found = answer.RootElement.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("values").GetProperty("flights").GetInt64());
            if (found > wanted || Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"{found:N0} events are counted instead of {wanted:N0}.");
            }

            await Task.Delay(20);
        }

        foreach (Watcher watcher in watchers)
        {
            for (int marker = 0; marker < watcher.Markers; marker += Math.Max(1, watcher.Markers / 20))
            {
                if (await watcher.CountAsync(marker) != 1)
                {
                    throw new InvalidOperationException($"Marker {marker} is not counted once.");
                }
            }
        }

        Console.WriteLine($"fresh: all {wanted:N0} events are counted once");
    }
}
