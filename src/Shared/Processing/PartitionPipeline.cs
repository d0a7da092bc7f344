using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Processing;

/// <summary>
/// What happens to the records of one partition between two commits: decode, judge by the watermark, compute. No I/O, no clock; the same
/// records give the same commits however they are cut into batches. Not safe for use by several threads at once.
/// </summary>
internal sealed class PartitionPipeline
{
    /// <summary>An epoch of fewer partials is not worth its end: each end is remembered, and is where a boundary may lie.</summary>
    private const int FewestToSeal = 4096;

    private readonly StreamPlan _plan;
    private readonly int _partition;
    private readonly long _fence;
    private readonly string _lane;
    private readonly int _edition;
    private readonly JsonEventDecoder _decoder;
    private readonly EventBatch _events;
    private readonly StreamOperator _operator;
    private readonly CommitBuffers _buffers;
    private readonly WatermarkTracker _watermark;
    private readonly RowSelection _rows = new();
    private readonly List<RejectedRecord> _rejected = [];
    private readonly List<QuarantinedRecord> _quarantine = [];
    private readonly long[] _lateBefore;
    private long[] _watermarksBefore = [];
    private long _accepted;
    private long? _lastAppendedAt;
    private long _decodedUpTo;

    /// <summary>What was held when the epoch began.</summary>
    private long _bytesBefore;

    private long _epochStart;

    /// <summary>How far the last commit that was taken reaches.</summary>
    private long _committedTo;

    /// <summary>Where an epoch has to end because results of the batch layer end there; null when it has, or need not.</summary>
    private long? _sealAt;

    public PartitionPipeline(StreamPlan plan, int partition, PartitionClaim claim)
    {
        _plan = plan;
        _partition = partition;
        _fence = claim.Fence;
        _lane = claim.Lane ?? plan.Stream.Name;
        _edition = claim.Edition;
        Epoch = claim.Epoch;
        NextOffset = claim.NextOffset;
        _decodedUpTo = claim.NextOffset;
        _epochStart = claim.NextOffset;
        _committedTo = claim.NextOffset;
        _sealAt = claim.SealAt;
        StringDictionary dictionary = new();
        _decoder = new JsonEventDecoder(DecodeRules.Of(plan.Stream), plan.ViewProjection);
        _events = new EventBatch(plan.ViewProjection, dictionary);
        _operator = new StreamOperator(plan, dictionary);
        _buffers = new CommitBuffers(_operator.Views);
        _lateBefore = new long[_operator.Views.Count];
        _watermark = new WatermarkTracker(UtcMicroseconds.From(plan.Stream.OutOfOrderness), claim.MaxEventTime);
    }

    /// <summary>The open epoch.</summary>
    public long Epoch { get; private set; }

    /// <summary>The first offset that has not been processed.</summary>
    public long NextOffset { get; private set; }

    /// <summary>How many records were processed since the last commit was taken.</summary>
    public int UncommittedRecords { get; private set; }

    /// <summary>How many bytes of refused records are held, which are kept as they came until a commit is taken.</summary>
    public long RefusedBytes { get; private set; }

    /// <summary>Whether offsets were processed since the last commit was taken. They need not have held a record.</summary>
    public bool HasUncommitted => NextOffset > _committedTo;

    /// <summary>Whether the open epoch holds any offset.</summary>
    public bool HasEpochOffsets => NextOffset > _epochStart;

    /// <summary>Roughly how many bytes the open epoch takes in memory, of those that its end would free: what sessions are live goes with it into the next.</summary>
    public long ByteCount => BytesHeld - _bytesBefore;

    /// <summary>Whether the open epoch has to be sealed before anything more is processed.</summary>
    public bool MustSeal { get; private set; }

    private long BytesHeld => _operator.ByteCount + _events.Dictionary.ByteCount;

    /// <summary>Has the open epoch end at an offset that is not processed yet; null takes back what was asked for before.</summary>
    public void SealAt(long? offset) => _sealAt = offset > NextOffset ? offset : null;

    /// <summary>Takes up what the partition's earlier epochs hold of a view, before anything is processed.</summary>
    public void Resume(PartialBatch stored)
    {
        _operator.Views.First(view => view.View.Name == stored.Layout.View).Table
            .Resume(stored, WatermarkTracker.Of(_watermark.MaxEventTime, UtcMicroseconds.From(_plan.Stream.OutOfOrderness)));
        _bytesBefore = BytesHeld;
    }

    /// <summary>
    /// Computes the effects of records, which follow on those processed before, and goes on to where the batch says that the next are. Records behind a
    /// place where the epoch has to end are taken out of the batch, and are to be read again once the epoch is sealed.
    /// </summary>
    /// <param name="records">What was read at <see cref="NextOffset"/>. It may hold no record and reach further all the same.</param>
    public void Process(RecordBatch records)
    {
        Decode(records);
        Apply(records);
    }

    /// <summary>The first half of <see cref="Process"/>: turns records into events and refusals. <see cref="Apply"/> is to follow at once.</summary>
    public void Decode(RecordBatch records)
    {
        _events.Clear();
        _rejected.Clear();
        long end = records.NextOffset;
        if (end <= NextOffset)
        {
            return;
        }

        if (_sealAt is { } sealAt && end >= sealAt)
        {
            records.RemoveFrom(sealAt);
            end = sealAt;
            MustSeal = true;
            _sealAt = null;
        }

        _decodedUpTo = end;
        _decoder.Decode(records, _partition, _events, _rejected);
    }

    /// <summary>The second half of <see cref="Process"/>: judges the decoded events by the watermark and adds them to the partials.</summary>
    public void Apply(RecordBatch records)
    {
        if (_decodedUpTo <= NextOffset)
        {
            return;
        }

        foreach (RejectedRecord rejected in _rejected)
        {
            Quarantine(records, rejected.Index, rejected.Refusal.Reason, rejected.Refusal.Detail);
        }

        int count = _events.Count;
        if (_watermarksBefore.Length < count)
        {
            _watermarksBefore = new long[_events.Capacity];
        }

        // A row whose expression fails below has a good event time all the same, and moves the watermark: time must not depend on the views.
        _watermark.Advance(_events.EventTimes.AsSpan(0, count), _watermarksBefore);
        _rows.SelectAll(count);
        foreach (FailedRow failed in _operator.Process(_events, _rows, _watermarksBefore.AsSpan(0, count)))
        {
            Quarantine(records, IndexOf(records, _events.Offsets[failed.Row]), RejectReason.ExpressionFailed, failed.Detail);
        }

        _accepted += _rows.Count;
        NextOffset = _decodedUpTo;
        _lastAppendedAt = records.Count > 0 ? records.AppendedAt(records.Count - 1) : _lastAppendedAt;
        UncommittedRecords += records.Count;
    }

    /// <summary>
    /// Takes everything since the last commit. The pipeline can go on while it is written, but the partials are gone when the next commit is taken.
    /// </summary>
    /// <param name="rule">
    /// What becomes of the epoch. When the commit says <see cref="EpochEnd.Seal"/>, the caller calls <see cref="StartEpoch"/> before it processes more.
    /// </param>
    public SpeedCommit TakeCommit(EpochRule rule)
    {
        // Tables know how many events were late when they have given their partials.
        IReadOnlyList<PartialBatch> partials = _buffers.Take();
        bool seals = rule == EpochRule.Seal || (rule == EpochRule.SealIfPassed && HaveMostlyPassed(partials));
        SpeedCommit commit = new()
        {
            Stream = _lane,
            Edition = _edition,
            Partition = _partition,
            Fence = _fence,
            Epoch = Epoch,
            FollowsOn = _committedTo,
            NextOffset = NextOffset,
            MaxEventTime = _watermark.MaxEventTime,
            LastAppendedAt = _lastAppendedAt,
            Tally = new EventTally(_accepted, _quarantine.Count),
            Late = TakeLate(),
            Partials = partials,
            Quarantine = [.. _quarantine],
            EpochEnd = seals ? EpochEnd.Seal : EpochEnd.KeepOpen,
        };
        _accepted = 0;
        RefusedBytes = 0;
        _lastAppendedAt = null;
        _quarantine.Clear();
        UncommittedRecords = 0;
        _committedTo = NextOffset;
        return commit;
    }

    /// <summary>Lets go of the partials of the last commit, which was written.</summary>
    public void ForgetCommitted() => _buffers.Clear();

    /// <summary>Goes on with the next epoch after one was sealed: empty accumulators and a new dictionary, the same watermark.</summary>
    public void StartEpoch()
    {
        Epoch++;
        _epochStart = NextOffset;
        MustSeal = false;
        StringDictionary dictionary = new();
        _events.Reset(dictionary);
        _operator.Reset(dictionary);
        _bytesBefore = BytesHeld;
    }

    private bool HaveMostlyPassed(IReadOnlyList<PartialBatch> partials)
    {
        long watermark = WatermarkTracker.Of(_watermark.MaxEventTime, UtcMicroseconds.From(_plan.Stream.OutOfOrderness));
        long passed = 0;
        long all = 0;
        foreach (PartialBatch batch in partials)
        {
            all += batch.Count;
            foreach (long end in batch.Ends.Values)
            {
                passed += end <= watermark ? 1 : 0;
            }
        }

        return all >= FewestToSeal && passed >= all - (all / 4);
    }

    private Dictionary<string, long> TakeLate()
    {
        Dictionary<string, long> late = [];
        for (int i = 0; i < _lateBefore.Length; i++)
        {
            ViewOperator view = _operator.Views[i];
            long events = view.Table.LateEvents;
            if (events > _lateBefore[i])
            {
                late.Add(view.View.Name, events - _lateBefore[i]);
                _lateBefore[i] = events;
            }
        }

        return late;
    }

    private void Quarantine(RecordBatch records, int index, RejectReason reason, string detail)
    {
        QuarantinedRecord refused = new(
            _plan.Stream.Name,
            _partition,
            records.Offset(index),
            records.AppendedAt(index),
            reason,
            detail,
            records.Key(index).ToArray(),
            records.Value(index).ToArray());
        _quarantine.Add(refused);
        RefusedBytes += refused.Key.Length + refused.Value.Length;
    }

    private static int IndexOf(RecordBatch records, long offset)
    {
        int low = 0;
        int high = records.Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (records.Offset(middle) < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
