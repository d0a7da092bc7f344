using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Batch.Tests.Support;

/// <summary>Computes one partition as the speed layer does, a step at a time.</summary>
internal sealed class SpeedDriver
{
    private readonly string _stream;
    private readonly int _partition;
    private readonly MemoryLog _log;
    private readonly IViewStore _store;
    private readonly PartitionPipeline _pipeline;

    private SpeedDriver(StreamPlan plan, MemoryLog log, IViewStore store, int partition, PartitionClaim claim)
    {
        _stream = plan.Stream.Name;
        _partition = partition;
        _log = log;
        _store = store;
        _pipeline = new PartitionPipeline(plan, partition, claim);
    }

    public static Task<SpeedDriver> ClaimAsync(StreamPlan plan, MemoryLog log, IViewStore store, int partition, CancellationToken cancellationToken) =>
        ClaimAsync(plan, plan.Stream.Name, log, store, partition, cancellationToken);

    /// <summary>Claims a partition of an edition by the name of its lane.</summary>
    public static async Task<SpeedDriver> ClaimAsync(
        StreamPlan plan, string lane, MemoryLog log, IViewStore store, int partition, CancellationToken cancellationToken) =>
        new(plan, log, store, partition, await store.ClaimAsync(lane, partition, cancellationToken));

    /// <summary>The first offset that is not computed.</summary>
    public long NextOffset => _pipeline.NextOffset;

    /// <summary>Computes and commits up to so many records.</summary>
    public async Task StepAsync(int records, EpochEnd end, CancellationToken cancellationToken)
    {
        if (records > 0)
        {
            using RecordBatch read = new(records);
            await ReadAsync(read, cancellationToken);
            _pipeline.Process(read);
        }

        EpochRule rule = _pipeline.MustSeal || end == EpochEnd.Seal ? EpochRule.Seal : EpochRule.KeepOpen;
        await _store.CommitAsync(_pipeline.TakeCommit(rule), cancellationToken);
        if (rule == EpochRule.Seal)
        {
            _pipeline.StartEpoch();
        }
    }

    /// <summary>Reads on, behind records that are lost as if that had been accepted.</summary>
    private async Task ReadAsync(RecordBatch read, CancellationToken cancellationToken)
    {
        try
        {
            await _log.ReadAsync(_stream, _partition, _pipeline.NextOffset, read, cancellationToken);
        }
        catch (OffsetTrimmedException lost)
        {
            read.BeginRead(lost.Missing.Start);
            read.SkipTo(lost.Missing.End);
        }
    }
}
