using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Speed.Telemetry;

/// <summary>
/// The figures of the speed layer, on the meter <c>Lambda.Speed</c>; <c>docs/telemetry.md</c> says what each means. The layer tells it what happens.
/// </summary>
internal sealed class SpeedMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Lambda.Speed";

    private static readonly Dictionary<RejectReason, string> Reasons =
        Enum.GetValues<RejectReason>().ToDictionary(reason => reason, reason => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()));

    /// <summary>Bounds of the buckets, in seconds.</summary>
    private static readonly InstrumentAdvice<double> CommitBuckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Counter<long> _events;
    private readonly Counter<long> _late;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _partials;
    private readonly Counter<long> _epochs;
    private readonly Counter<long> _restarts;
    private readonly Counter<long> _rebalances;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _gapOffsets;
    private readonly Counter<long> _commitFailures;
    private readonly Histogram<double> _commitDuration;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">The clock; the system's when it is null.</param>
    public SpeedMetrics(IMeterFactory meters, TimeProvider? time = null)
    {
        Board = new PartitionBoard(time ?? TimeProvider.System);
        Replays = new PartitionBoard(time ?? TimeProvider.System);
        Meter meter = meters.Create(MeterName);
        _events = meter.CreateCounter<long>("lambda.speed.events", "{event}", "Events taken and committed.");
        _late = meter.CreateCounter<long>("lambda.speed.late", "{event}", "Events that came too late for all windows of a view.");
        _quarantined = meter.CreateCounter<long>("lambda.speed.quarantined", "{event}", "Records refused and committed to quarantine.");
        _partials = meter.CreateCounter<long>("lambda.speed.partials", "{partial}", "Partials written.");
        _epochs = meter.CreateCounter<long>("lambda.speed.epochs", "{epoch}", "Epochs sealed.");
        _restarts = meter.CreateCounter<long>("lambda.speed.restarts", "{restart}", "Restarts of a partition after an error.");
        _rebalances = meter.CreateCounter<long>("lambda.speed.rebalances", "{partition}", "Partitions given to this process or taken from it.");
        _fenced = meter.CreateCounter<long>("lambda.speed.fenced", "{partition}", "Partitions given up because another owner had claimed them.");
        _gaps = meter.CreateCounter<long>("lambda.speed.gaps", "{gap}", "Lost ranges of the log that were accepted.");
        _gapOffsets = meter.CreateCounter<long>("lambda.speed.gap.offsets", "{offset}", "Offsets within accepted gaps.");
        _commitFailures = meter.CreateCounter<long>("lambda.speed.commit.failures", "{commit}", "Commits that the store did not take.");
        _commitDuration = meter.CreateHistogram<double>("lambda.speed.commit.duration", "s",
            "How long a commit took in the store.", advice: CommitBuckets);
        PartitionGauges.Create(meter, Board);
    }

    /// <summary>The partitions of this process.</summary>
    public PartitionBoard Board { get; }

    /// <summary>How far this process is with editions that do not answer, each under the name of its lane: no gauge shows them.</summary>
    public PartitionBoard Replays { get; }

    /// <summary>This process takes part and has been told which partitions are its own, though they may be none.</summary>
    public void OnJoined() => Board.Join();

    /// <summary>A partition was given to this process.</summary>
    public void OnAssigned(string stream, int partition)
    {
        Rebalance(stream, partition, "assigned");
        Board.Add(stream, partition);
    }

    /// <summary>A partition goes to another process, and what was in progress was committed.</summary>
    public void OnRevoked(string stream, int partition)
    {
        Rebalance(stream, partition, "revoked");
        Board.Remove(stream, partition);
    }

    /// <summary>A partition may be another process's already, and what was in progress was given up.</summary>
    public void OnLost(string stream, int partition)
    {
        Rebalance(stream, partition, "lost");
        Board.Remove(stream, partition);
    }

    /// <summary>A commit was written.</summary>
    public void OnCommit(SpeedCommit commit, TimeSpan duration)
    {
        TagList tags = Tags(commit.Stream, commit.Partition);
        _events.Add(commit.Tally.Accepted, tags);
        _partials.Add(commit.Partials.Sum(partials => partials.Count), tags);
        _epochs.Add(commit.EpochEnd == EpochEnd.Seal ? 1 : 0, tags);
        _commitDuration.Record(duration.TotalSeconds, tags);
        foreach ((string view, long events) in commit.Late)
        {
            _late.Add(events, Tags(commit.Stream, commit.Partition, "lambda.view", view));
        }

        foreach ((RejectReason reason, int records) in commit.Quarantine.CountBy(record => record.Reason))
        {
            _quarantined.Add(records, Tags(commit.Stream, commit.Partition, "lambda.reason", Reasons[reason]));
        }
    }

    /// <summary>The store did not take a commit.</summary>
    public void OnCommitFailed(string stream, int partition) => _commitFailures.Add(1, Tags(stream, partition));

    /// <summary>A partition starts again from the store after an error.</summary>
    public void OnRestart(string stream, int partition, Exception error)
    {
        _restarts.Add(1, Tags(stream, partition));
        Board.Find(stream, partition)?.OnRestart($"It starts again after an error: {error.Message}");
    }

    /// <summary>Another owner has claimed a partition that this process had been given.</summary>
    public void OnFenced(string stream, int partition)
    {
        _fenced.Add(1, Tags(stream, partition));
        Board.Find(stream, partition)?.OnFenced("Another owner has claimed it; this process no longer computes it.");
    }

    /// <summary>A partition is not computed until a person does something.</summary>
    public void OnStopped(string stream, int partition, Exception error) => Board.Find(stream, partition)?.OnBlocked(error);

    /// <summary>A partition goes on without records that the log has lost, as it was told to.</summary>
    public void OnGapAccepted(string stream, int partition, OffsetRange offsets)
    {
        TagList tags = Tags(stream, partition);
        _gaps.Add(1, tags);
        _gapOffsets.Add(offsets.End - offsets.Start, tags);
    }

    private void Rebalance(string stream, int partition, string change) => _rebalances.Add(1, Tags(stream, partition, "lambda.change", change));

    private static TagList Tags(string stream, int partition) =>
        new() { { "lambda.stream", stream }, { "lambda.partition", partition } };

    private static TagList Tags(string stream, int partition, string name, string value) =>
        new() { { "lambda.stream", stream }, { "lambda.partition", partition }, { name, value } };
}
