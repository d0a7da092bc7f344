using System.Diagnostics.Metrics;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>What the meters say of one stream from now on: counters as sums, gauges as they were last looked at, histograms as numbers of values.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, double> _figures = [];
    private readonly string _stream;

    public Measurements(string stream)
    {
        _stream = stream;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Lambda.Speed")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>A figure by instrument and by its tags but the stream, such as <c>lambda.speed.late 0 by_sensor</c>; zero when there is none.</summary>
    public double this[string figure]
    {
        get
        {
            lock (_lock)
            {
                return _figures.GetValueOrDefault(figure);
            }
        }
    }

    /// <summary>The figures there are of an instrument.</summary>
    public IReadOnlyDictionary<string, double> Of(string instrument)
    {
        lock (_lock)
        {
            return _figures.Where(figure => figure.Key.Split(' ')[0] == instrument).ToDictionary();
        }
    }

    /// <summary>Looks at the gauges.</summary>
    public void Observe()
    {
        lock (_lock)
        {
            foreach (string gauge in _figures.Keys.Where(IsGauge).ToList())
            {
                _figures.Remove(gauge);
            }
        }

        _listener.RecordObservableInstruments();
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsGauge(string figure) =>
        figure.Split(' ')[0] is "lambda.speed.lag.events" or "lambda.speed.lag.time" or "lambda.speed.watermark.delay" or "lambda.speed.partitions";

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string figure = instrument.Name;
        bool isOurs = false;
        foreach ((string tag, object? text) in tags)
        {
            isOurs |= tag == "lambda.stream" && _stream.Equals(text);
            figure += tag == "lambda.stream" ? "" : $" {text}";
        }

        if (!isOurs)
        {
            return;
        }

        lock (_lock)
        {
            _figures[figure] = IsGauge(figure) ? value : _figures.GetValueOrDefault(figure) + (instrument is Histogram<double> ? 1 : value);
        }
    }
}
