using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Store;

namespace Lambda.Speed.Telemetry;

/// <summary>The figures of the speed layer, on the meter <c>Lambda.Speed</c>.</summary>
internal sealed class SpeedMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _partials;
    private readonly Counter<long> _epochs;
    private readonly Counter<long> _restarts;
    private readonly Histogram<double> _commitDuration;

    public SpeedMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("Lambda.Speed");
        _events = meter.CreateCounter<long>("lambda.speed.events", "{event}", "Events taken and committed.");
        _quarantined = meter.CreateCounter<long>("lambda.speed.quarantined", "{event}", "Records refused and committed to quarantine.");
        _partials = meter.CreateCounter<long>("lambda.speed.partials", "{partial}", "Partials written.");
        _epochs = meter.CreateCounter<long>("lambda.speed.epochs", "{epoch}", "Epochs sealed.");
        _restarts = meter.CreateCounter<long>("lambda.speed.restarts", "{restart}", "Restarts of a partition after an error.");
        _commitDuration = meter.CreateHistogram<double>("lambda.speed.commit.duration", "s", "How long a commit took in the store.");
    }

    public void OnCommit(SpeedCommit commit, TimeSpan duration)
    {
        TagList tags = Tags(commit.Stream, commit.Partition);
        _events.Add(commit.Tally.Accepted, tags);
        _quarantined.Add(commit.Tally.Quarantined, tags);
        _partials.Add(commit.Partials.Sum(partials => partials.Count), tags);
        _epochs.Add(commit.EpochEnd == EpochEnd.Seal ? 1 : 0, tags);
        _commitDuration.Record(duration.TotalSeconds, tags);
    }

    public void OnRestart(string stream, int partition) => _restarts.Add(1, Tags(stream, partition));

    private static TagList Tags(string stream, int partition) =>
        new() { { "lambda.stream", stream }, { "lambda.partition", partition } };
}
