using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Lambda.Bench.Soak;

/// <summary>Sums of the counters that the platform counts by.</summary>
internal sealed class SoakCounts : IDisposable
{
    private const int MostLooks = 100;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, long> _sums = [];
    private readonly MeterListener _listener = new();

    public SoakCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Lambda.", StringComparison.Ordinal) && instrument is Counter<long>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string name = instrument.Name;
            foreach ((string key, object? tag) in tags)
            {
                name = key == "lambda.view" ? $"{name} {tag}" : name;
            }

            _sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        });
        _listener.Start();
    }

    /// <summary>A counter's sum over all partitions, for a view if it counts by view.</summary>
    public long this[string counter, string? view = null] => _sums.GetValueOrDefault(view is null ? counter : $"{counter} {view}");

    /// <summary>Waits until a counter has come to a sum: a commit is counted only when the store has answered. Does not wait for long.</summary>
    public async Task WaitAsync(string counter, long sum)
    {
        for (int look = 0; look < MostLooks && this[counter] < sum; look++)
        {
            await Task.Delay(Look);
        }
    }

    public void Dispose() => _listener.Dispose();
}
