using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Testing.Layers;

/// <summary>The speed layer's work on one partition, through the pipeline that the layer itself runs.</summary>
internal sealed class SpeedPartition
{
    private readonly StreamPlan _plan;
    private readonly int _partition;
    private readonly List<SpeedEpoch> _epochs = [];
    private PartitionPipeline _pipeline;
    private PartitionStatus _status;

    public SpeedPartition(StreamPlan plan, int partition)
    {
        _plan = plan;
        _partition = partition;
        _status = new PartitionStatus(partition, 0, 1, null, null, null, 0, 0);
        _pipeline = Claim();
    }

    /// <summary>Where the partition stands.</summary>
    public PartitionStatus Status => _status;

    /// <summary>Everything that was refused, in the order of the offsets.</summary>
    public List<QuarantinedRecord> Quarantine { get; } = [];

    private SpeedEpoch Open => _epochs[^1];

    /// <summary>Processes and commits a record.</summary>
    /// <param name="record">It follows on those before it.</param>
    /// <param name="now">When, in UTC microseconds.</param>
    public void Process(DrivenRecord record, long now)
    {
        using RecordBatch records = new();
        records.Add(record.Position.Offset, record.AppendedAt, record.Key, record.Value);
        _pipeline.Process(records);
        Commit(EpochRule.KeepOpen);
        _status = _status with { CommittedAt = now };
    }

    /// <summary>Ends the open epoch, unless it is empty, and begins the next.</summary>
    public void Seal()
    {
        if (Open.Offsets.Start < Open.Offsets.End)
        {
            Commit(EpochRule.Seal);
            _pipeline.StartEpoch();
            _status = _status with { Epoch = _pipeline.Epoch };
            Begin();
        }
    }

    /// <summary>Begins anew from what is committed, as a process does that takes the partition over.</summary>
    public void Restart()
    {
        Seal();
        _epochs.RemoveAt(_epochs.Count - 1);
        _pipeline = Claim();
    }

    /// <summary>The partials of the epochs that lie between two offsets.</summary>
    public IEnumerable<PartialBatch> Read(ViewDefinition view, long from, long to) =>
        _epochs.Where(epoch => epoch.Offsets.Start >= from && epoch.Offsets.End <= to).Select(epoch => epoch.Read(view));

    /// <summary>Whether an epoch reaches from before an offset to behind it.</summary>
    public bool Cuts(long offset) => _epochs.Exists(epoch => epoch.Offsets.Start < offset && offset < epoch.Offsets.End);

    private PartitionPipeline Claim()
    {
        PartitionPipeline pipeline = new(_plan, _partition, new PartitionClaim(0, _status.Epoch, _status.NextOffset, _status.MaxEventTime));
        if (_status.MaxEventTime is { } maxEventTime)
        {
            long watermark = WatermarkTracker.Of(maxEventTime, UtcMicroseconds.From(_plan.Stream.OutOfOrderness));
            foreach (ViewDefinition view in _plan.Stream.Views.Where(view => view.Layout.HasLiveSessions))
            {
                pipeline.Resume(LiveSessions(view, TimeWindow.LeastEndNotRefused(watermark, UtcMicroseconds.From(view.AllowedLateness))));
            }
        }

        Begin();
        return pipeline;
    }

    /// <summary>The partials that came in time and whose live session ends at an instant or later.</summary>
    private PartialBatch LiveSessions(ViewDefinition view, long endingAt)
    {
        PartialBatch live = new(view.Layout);
        foreach (PartialBatch partials in _epochs.Select(epoch => epoch.Read(view)))
        {
            for (int row = 0; row < partials.Count; row++)
            {
                if (partials.Missed[row] == 0 && partials.LiveSessions![row].End >= endingAt)
                {
                    live.AddFrom(partials, row);
                }
            }
        }

        return live;
    }

    private void Begin() => _epochs.Add(new SpeedEpoch(_status.Epoch, _status.NextOffset, _plan.Stream.Views));

    private void Commit(EpochRule rule)
    {
        SpeedCommit commit = _pipeline.TakeCommit(rule);
        Open.Write(commit.Partials, commit.NextOffset);
        Quarantine.AddRange(commit.Quarantine);
        _status = _status with
        {
            NextOffset = commit.NextOffset,
            MaxEventTime = commit.MaxEventTime,
            LastAppendedAt = commit.LastAppendedAt ?? _status.LastAppendedAt,
            Accepted = _status.Accepted + commit.Tally.Accepted,
            Quarantined = _status.Quarantined + commit.Tally.Quarantined,
        };
    }
}
