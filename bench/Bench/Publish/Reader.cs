using System.Diagnostics;

namespace Lambda.Bench.Publish;

/// <summary>Reads one thing again and again, and remembers when each read began and ended.</summary>
internal sealed class Reader
{
    /// <summary>What people do between two looks: readers must not be a load of their own.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Func<Task> _read;
    private readonly List<(long Begun, long Ended)> _reads = [];
    private readonly Lock _gate = new();

    public Reader(string name, Func<Task> read)
    {
        Name = name;
        _read = read;
    }

    public string Name { get; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            long begun = Stopwatch.GetTimestamp();
            await _read();
            lock (_gate)
            {
                _reads.Add((begun, Stopwatch.GetTimestamp()));
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>How long reads took that were under way in a stretch of time.</summary>
    public Waits During(long from, long to)
    {
        lock (_gate)
        {
            return new Waits(_reads
                .Where(read => read.Begun < to && read.Ended > from)
                .Select(read => Stopwatch.GetElapsedTime(read.Begun, read.Ended).TotalMilliseconds));
        }
    }
}
