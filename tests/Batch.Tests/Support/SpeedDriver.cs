using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Batch.Tests.Support;

/// <summary>Computes one partition as the speed layer does, a step at a time.</summary>
internal sealed class SpeedDriver
{
    private readonly StreamPlan _plan;
    private readonly MemoryLog _log;
    private readonly IViewStore _store;
    private readonly int _partition;
    private readonly PartitionClaim _claim;
    private readonly JsonEventDecoder _decoder;
    private readonly WatermarkTracker _watermark;
    private long _epoch;
    private StringDictionary _dictionary = new();
    private readonly StreamOperator _operator;
    private long _next;

    private SpeedDriver(StreamPlan plan, MemoryLog log, IViewStore store, int partition, PartitionClaim claim)
    {
        _plan = plan;
        _log = log;
        _store = store;
        _partition = partition;
        _claim = claim;
        _epoch = claim.Epoch;
        _next = claim.NextOffset;
        _operator = new StreamOperator(plan, _dictionary);
        _decoder = new JsonEventDecoder(DecodeRules.Of(plan.Stream), plan.ViewProjection);
        _watermark = new WatermarkTracker(UtcMicroseconds.From(plan.Stream.OutOfOrderness), claim.MaxEventTime);
    }

    public static async Task<SpeedDriver> ClaimAsync(
        StreamPlan plan, MemoryLog log, IViewStore store, int partition, CancellationToken cancellationToken) =>
        new(plan, log, store, partition, await store.ClaimAsync(plan.Stream.Name, partition, cancellationToken));

    /// <summary>Computes and commits up to so many records.</summary>
    public async Task StepAsync(int records, EpochEnd end, CancellationToken cancellationToken)
    {
        using RecordBatch read = new(Math.Max(1, records));
        if (records > 0)
        {
            await _log.ReadAsync(_plan.Stream.Name, _partition, _next, read, cancellationToken);
        }

        EventBatch events = new(_plan.ViewProjection, _dictionary);
        List<RejectedRecord> rejected = [];
        _decoder.Decode(read, _partition, events, rejected);
        long[] watermarks = new long[events.Count];
        _watermark.Advance(events.EventTimes.AsSpan(0, events.Count), watermarks);
        RowSelection rows = new();
        rows.SelectAll(events.Count);
        List<QuarantinedRecord> quarantine = [.. rejected.Select(reject => Record(read, reject.Index, reject.Refusal.Reason, reject.Refusal.Detail))];
        foreach (FailedRow failed in _operator.Process(events, rows, watermarks))
        {
            quarantine.Add(Record(read, (int)(events.Offsets[failed.Row] - _next), RejectReason.ExpressionFailed, failed.Detail));
        }

        _next += read.Count;
        List<PartialBatch> partials = [];
        foreach (ViewOperator view in _operator.Views)
        {
            PartialBatch touched = new(view.View.Layout);
            view.Table.ExportTouched(touched);
            partials.Add(touched);
        }

        SpeedCommit commit = new()
        {
            Stream = _plan.Stream.Name,
            Partition = _partition,
            Fence = _claim.Fence,
            Epoch = _epoch,
            NextOffset = _next,
            MaxEventTime = _watermark.MaxEventTime,
            LastAppendedAt = read.Count == 0 ? null : read.AppendedAt(read.Count - 1),
            Tally = new EventTally(rows.Count, quarantine.Count),
            Partials = [.. partials.Where(batch => batch.Count > 0)],
            Quarantine = quarantine,
            EpochEnd = end,
        };
        await _store.CommitAsync(commit, cancellationToken);
        if (end == EpochEnd.Seal)
        {
            _epoch++;
            _dictionary = new StringDictionary();
            _operator.Reset(_dictionary);
        }
    }

    private QuarantinedRecord Record(RecordBatch read, int index, RejectReason reason, string detail) => new(
        _plan.Stream.Name, _partition, read.Offset(index), read.AppendedAt(index), reason, detail,
        read.Key(index).ToArray(), read.Value(index).ToArray());
}
