using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Speed.Telemetry;

/// <summary>
/// How far this process has come with one partition. Its task writes it, once per read and per commit; gauges and health read it. Safe for use by several
/// threads at once.
/// </summary>
internal sealed class PartitionProgress(string stream, int partition, TimeProvider time)
{
    private readonly Lock _lock = new();
    private PartitionState _state = PartitionState.Assigned;
    private string? _reason;
    private Exception? _blocked;

    /// <summary>How many errors the task has met since it last committed, or had nothing to commit, and what the last one was.</summary>
    private (int Count, string Reason) _failures;
    private long? _nextOffset;
    private long? _watermark;
    private long _outOfOrderness;

    /// <summary>Where the records of the log are taken to end.</summary>
    private long _end;

    /// <summary>The highest end that anybody has seen: never below <see cref="_end"/>, and above it when the last offsets of the log hold no record.</summary>
    private long _toldEnd;

    /// <summary>Up to where the task has read, exclusive.</summary>
    private long _readTo;

    /// <summary>
    /// When the log, asked for its end, last had nothing more than was read since the partition was claimed. What is read later came since then, whatever its append time says, which is a
    /// producer's in topics that keep these. That the task finds nothing more does not show it: a reader that is cut off from its broker finds nothing either.
    /// </summary>
    private long? _upToDateAt;

    /// <summary>Since when the oldest record has waited that has been read and is not part of a commit yet; the same for the commit that is being written.</summary>
    private long? _oldestRead;
    private long? _oldestInCommit;

    /// <summary>Since when the log has had records that this process has not read, at least.</summary>
    private long? _behindSince;
    private long? _commitStarted;

    /// <summary>How often in a row the log was seen to end before what had been committed already when it was asked.</summary>
    private int _shorterLooks;

    /// <summary>The stream.</summary>
    public string Stream => stream;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>What its task does.</summary>
    public (PartitionState State, string? Reason) State
    {
        get
        {
            lock (_lock)
            {
                return (_state, _reason);
            }
        }
    }

    /// <summary>What a person has to see to before it goes on; null while it is computed, is to start again, or is another owner's.</summary>
    public Exception? Blocked
    {
        get
        {
            lock (_lock)
            {
                return _blocked;
            }
        }
    }

    /// <summary>How many errors its task has met, one after the other, without a commit between; and what the last one was.</summary>
    public (int Count, string Reason) Failures
    {
        get
        {
            lock (_lock)
            {
                return _failures;
            }
        }
    }

    /// <summary>The first offset that is not committed; null before the partition was claimed.</summary>
    public long? NextOffset
    {
        get
        {
            lock (_lock)
            {
                return _nextOffset;
            }
        }
    }

    /// <summary>Records in the log that are not committed; null before the partition was claimed. Offsets without a record can count.</summary>
    public long? LagEvents
    {
        get
        {
            lock (_lock)
            {
                return Behind();
            }
        }
    }

    /// <summary>How long the oldest record that is not committed has been waiting; null before the partition was claimed.</summary>
    public TimeSpan? LagTime
    {
        get
        {
            lock (_lock)
            {
                long? since = _oldestInCommit ?? _oldestRead ?? (Behind() > 0 ? _behindSince : null);
                return _nextOffset is null ? null : since is { } oldest ? Since(oldest) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>By how much the committed watermark is behind the clock; null before the first event.</summary>
    public TimeSpan? WatermarkDelay
    {
        get
        {
            lock (_lock)
            {
                return _watermark is { } watermark ? TimeSpan.FromMicroseconds(time.Now() - watermark) : null;
            }
        }
    }

    /// <summary>For how long the commit under way has been written; null when there is none.</summary>
    public TimeSpan? CommitUnderWay
    {
        get
        {
            lock (_lock)
            {
                return _commitStarted is { } started ? Since(started) : null;
            }
        }
    }

    /// <summary>The task has claimed the partition; what an earlier one had not committed counts for nothing.</summary>
    public void OnClaimed(StreamDefinition definition, PartitionClaim claim)
    {
        lock (_lock)
        {
            _outOfOrderness = UtcMicroseconds.From(definition.OutOfOrderness);
            _nextOffset = claim.NextOffset;
            _readTo = claim.NextOffset;

            // What was read before and is not committed is read again, and has waited for longer.
            _upToDateAt = null;
            _watermark = WatermarkAt(claim.MaxEventTime);
            _oldestRead = null;
            _oldestInCommit = null;
            _commitStarted = null;
        }
    }

    /// <summary>The task has read records, of which there is at least one.</summary>
    public void OnRead(RecordBatch records)
    {
        lock (_lock)
        {
            _oldestRead ??= Math.Max(records.AppendedAt(0), _upToDateAt ?? long.MinValue);
            _readTo = records.NextOffset;
            _end = Math.Max(_end, records.NextOffset);
            _toldEnd = Math.Max(_toldEnd, _end);
            _behindSince = null;
        }
    }

    /// <summary>The task has found nothing at <paramref name="nextOffset"/> or behind it.</summary>
    public void OnEndReached(long nextOffset)
    {
        lock (_lock)
        {
            _readTo = nextOffset;
            _end = nextOffset;
            _toldEnd = Math.Max(_toldEnd, _end);
            _behindSince = null;
            _failures = nextOffset == _nextOffset ? default : _failures;
            Recover();
        }
    }

    /// <summary>Somebody has asked the log for its end.</summary>
    /// <param name="end">What it said.</param>
    /// <param name="committed">The first offset that was not committed when it was asked, as commits go on meanwhile; null when that is not known.</param>
    public void OnLogEnd(long end, long? committed = null)
    {
        lock (_lock)
        {
            _shorterLooks = end < committed ? _shorterLooks + 1 : 0;
            if (end > _toldEnd)
            {
                _end = end;
                _toldEnd = end;
            }

            _behindSince = Behind() > 0 ? _behindSince ?? time.Now() : null;
            _upToDateAt = end <= _readTo ? time.Now() : _upToDateAt;
        }
    }

    /// <summary>Whether the log was seen twice in a row to end before what is committed, since this was last so. Once may be a broker that does not know yet what others do.</summary>
    public bool TakeLogShorter()
    {
        lock (_lock)
        {
            bool isShorter = _shorterLooks > 1;
            _shorterLooks = isShorter ? 0 : _shorterLooks;
            return isShorter;
        }
    }

    /// <summary>A commit of all that has been read is being written.</summary>
    public void OnCommitStarted()
    {
        lock (_lock)
        {
            _oldestInCommit = _oldestRead;
            _oldestRead = null;
            _commitStarted = time.Now();
        }
    }

    /// <summary>The commit has been written.</summary>
    public void OnCommitted(SpeedCommit commit)
    {
        lock (_lock)
        {
            _nextOffset = commit.NextOffset;
            _watermark = WatermarkAt(commit.MaxEventTime);
            _oldestInCommit = null;
            _commitStarted = null;
            _failures = default;
            Recover();
        }
    }

    /// <summary>The task is to start again after an error.</summary>
    public void OnRestart(string reason)
    {
        lock (_lock)
        {
            Become(PartitionState.Restarting, reason, blocked: null);
            _failures = (_failures.Count + 1, reason);
        }
    }

    /// <summary>The task has ended, as another owner has the partition.</summary>
    public void OnFenced(string reason)
    {
        lock (_lock)
        {
            Become(PartitionState.Stopped, reason, blocked: null);
        }
    }

    /// <summary>The task has ended and does not start again before a person has done something.</summary>
    public void OnBlocked(Exception error)
    {
        lock (_lock)
        {
            Become(PartitionState.Stopped, error.Message, error);
        }
    }

    private void Become(PartitionState state, string? reason, Exception? blocked)
    {
        _state = state;
        _reason = reason;
        _blocked = blocked;
        _commitStarted = null;
    }

    private void Recover()
    {
        _state = PartitionState.Running;
        _reason = null;
        _blocked = null;
    }

    private long? Behind() => _nextOffset is { } next ? Math.Max(0, _end - next) : null;

    private TimeSpan Since(long instant) => TimeSpan.FromMicroseconds(Math.Max(0, time.Now() - instant));

    private long? WatermarkAt(long? maxEventTime) =>
        maxEventTime is null ? null : WatermarkTracker.Of(maxEventTime, _outOfOrderness);
}

/// <summary>What becomes of a partition that this process has been given.</summary>
internal enum PartitionState
{
    /// <summary>Given, and not yet computed.</summary>
    Assigned,

    /// <summary>Computed.</summary>
    Running,

    /// <summary>Met an error and waits to start again from the store.</summary>
    Restarting,

    /// <summary>Not computed until a person does something.</summary>
    Stopped,
}
