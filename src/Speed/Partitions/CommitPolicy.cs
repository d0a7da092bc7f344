using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Speed.Partitions;

/// <summary>When a partition commits, and when its epoch ends.</summary>
internal sealed class CommitPolicy
{
    /// <summary>
    /// Far behind the log results may wait for a tenth of how late they are already, so that a backlog is written in fewer and larger commits, and at
    /// most for so many intervals.
    /// </summary>
    private const int MostStretch = 10;

    /// <summary>
    /// A commit is due although the interval has not passed when refused records come to so many bytes. To refuse a record takes next to no time, so that of
    /// large ones gigabytes would come within an interval.
    /// </summary>
    private const long MostRefusedBytes = 8 << 20;

    private readonly SpeedOptions _options;
    private readonly TimeProvider _time;
    private long _epochStarted;
    private long? _firstUncommitted;

    /// <summary>When the newest record processed was appended, in UTC microseconds.</summary>
    private long? _appendedAt;

    /// <summary>Whether the end of the partition was reached since the last commit: then it is not behind, whatever its records say of their times.</summary>
    private bool _hasReachedEnd;

    public CommitPolicy(SpeedOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _epochStarted = time.GetTimestamp();
    }

    /// <summary>Takes note that offsets have been processed.</summary>
    /// <param name="records">The records at them, which may be none.</param>
    public void OnProcessed(RecordBatch records)
    {
        _firstUncommitted ??= _time.GetTimestamp();
        _appendedAt = records.Count > 0 ? records.AppendedAt(records.Count - 1) : _appendedAt;
    }

    /// <summary>Takes note that there was nothing more to read.</summary>
    public void OnEndReached() => _hasReachedEnd = true;

    /// <summary>Takes note that a commit has been taken.</summary>
    public void OnCommitTaken()
    {
        _firstUncommitted = null;
        _hasReachedEnd = false;
    }

    /// <summary>Takes note that a new epoch has begun.</summary>
    public void OnEpochStarted() => _epochStarted = _time.GetTimestamp();

    /// <summary>Whether a commit is due.</summary>
    public bool IsDue(PartitionPipeline pipeline) =>
        pipeline.MustSeal || pipeline.UncommittedRecords >= _options.MaxEventsPerCommit || pipeline.RefusedBytes >= MostRefusedBytes
        || TimeUntilDue() == TimeSpan.Zero;

    /// <summary>How long until a commit is due if nothing more is read; null when there is nothing to commit.</summary>
    public TimeSpan? TimeUntilDue()
    {
        if (_firstUncommitted is not { } since)
        {
            return null;
        }

        TimeSpan left = Interval() - _time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>What becomes of the epoch at a commit that is taken now.</summary>
    public EpochRule EndOfEpoch(PartitionPipeline pipeline, SealRequest request)
    {
        if (pipeline.MustSeal
            || request == SealRequest.Pending
            || pipeline.ByteCount > _options.MaxEpochBytes
            || (pipeline.HasEpochOffsets && _time.GetElapsedTime(_epochStarted) >= _options.EpochInterval))
        {
            return EpochRule.Seal;
        }

        return Interval() > _options.CommitInterval ? EpochRule.SealIfPassed : EpochRule.KeepOpen;
    }

    private TimeSpan Interval()
    {
        if (_hasReachedEnd || _appendedAt is not { } appendedAt)
        {
            return _options.CommitInterval;
        }

        double late = (double)_time.Now() - appendedAt;
        return _options.CommitInterval * Math.Clamp(late / MostStretch / _options.CommitInterval.TotalMicroseconds, 1, MostStretch);
    }
}
