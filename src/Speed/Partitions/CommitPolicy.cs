using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Speed.Partitions;

/// <summary>When a partition commits, and when its epoch ends.</summary>
internal sealed class CommitPolicy
{
    private readonly SpeedOptions _options;
    private readonly TimeProvider _time;
    private long _epochStarted;
    private long? _firstUncommitted;

    public CommitPolicy(SpeedOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _epochStarted = time.GetTimestamp();
    }

    /// <summary>Takes note that offsets have been processed.</summary>
    public void OnProcessed() => _firstUncommitted ??= _time.GetTimestamp();

    /// <summary>Takes note that a commit has been taken.</summary>
    public void OnCommitTaken() => _firstUncommitted = null;

    /// <summary>Takes note that a new epoch has begun.</summary>
    public void OnEpochStarted() => _epochStarted = _time.GetTimestamp();

    /// <summary>Whether a commit is due.</summary>
    public bool IsDue(PartitionPipeline pipeline) =>
        pipeline.MustSeal || pipeline.UncommittedRecords >= _options.MaxEventsPerCommit || TimeUntilDue() == TimeSpan.Zero;

    /// <summary>How long until a commit is due if nothing more is read; null when there is nothing to commit.</summary>
    public TimeSpan? TimeUntilDue()
    {
        if (_firstUncommitted is not { } since)
        {
            return null;
        }

        TimeSpan left = _options.CommitInterval - _time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>What becomes of the epoch at a commit that is taken now.</summary>
    public EpochEnd EndOfEpoch(PartitionPipeline pipeline, SealRequest request) =>
        pipeline.MustSeal
        || request == SealRequest.Pending
        || pipeline.ByteCount > _options.MaxEpochBytes
        || (pipeline.HasEpochOffsets && _time.GetElapsedTime(_epochStarted) >= _options.EpochInterval)
            ? EpochEnd.Seal
            : EpochEnd.KeepOpen;
}
