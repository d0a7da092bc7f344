using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Speed.Replays;

/// <summary>
/// Computes one partition of an edition that does not answer, from where the store says it was committed. Invariant: it never passes what the edition that
/// answers has committed, and ends its epochs wherever that one has, so that each boundary which the batch layer can choose lies between two of its epochs.
/// </summary>
/// <param name="plan">The stream with its views.</param>
/// <param name="edition">The edition.</param>
/// <param name="partition">The partition.</param>
/// <param name="source">What it reads.</param>
/// <param name="store">Where partitions are claimed and committed.</param>
/// <param name="editions">Where it learns how far it may go.</param>
/// <param name="turns">Lets only so many partitions compute at once, so that what answers is not kept waiting.</param>
/// <param name="options">How the layer works.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Counts what it does, under the name of the edition's lane.</param>
internal sealed class ReplayTask(
    StreamPlan plan,
    EditionInfo edition,
    int partition,
    ReplayRecords source,
    ISpeedStore store,
    IEditionStore editions,
    SemaphoreSlim turns,
    SpeedOptions options,
    TimeProvider time,
    SpeedMetrics metrics)
{
    private readonly string _stream = plan.Stream.Name;
    private readonly long _archivedTo = edition.ArchivedTo?[partition] ?? 0;

    /// <summary>Runs from the claim of the partition until an error or cancellation; what is not committed then is computed again.</summary>
    /// <exception cref="EditionChangedException">The edition was dropped, or answers now.</exception>
    /// <exception cref="FencedException">Another process has claimed the partition.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        PartitionClaim claim = await store.ClaimAsync(edition.Lane, partition, cancellationToken);
        PartitionPipeline pipeline = await PipelineStart.ResumeAsync(plan, partition, claim, store, cancellationToken);
        CommitPolicy policy = new(options, time);
        using CycleTrace trace = new(edition.Lane, partition, time);
        PartitionProgress progress = metrics.Replays.Follow(edition.Lane, partition);
        progress.OnClaimed(plan.Stream, claim);
        Committer committer = new(store, time, new CommittedOffsets(), metrics, progress, trace, cancellationToken);
        using RecordBatch records = new();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long first = pipeline.HasEpochOffsets ? pipeline.NextOffset : pipeline.NextOffset + 1;
                FollowBound bound = await editions.ReadFollowBoundAsync(_stream, partition, first, cancellationToken);
                if (bound.SealAt == pipeline.NextOffset)
                {
                    await CommitAsync(pipeline, policy, committer, EpochRule.Seal);
                }
                else if (bound.Limit > pipeline.NextOffset)
                {
                    pipeline.SealAt(bound.SealAt);
                    await GoOnAsync(pipeline, policy, committer, records, bound.Limit, cancellationToken);
                }
                else
                {
                    progress.OnEndReached(pipeline.NextOffset);
                    await Task.Delay(options.SealPollInterval, time, cancellationToken);
                }
            }
        }
        finally
        {
            await committer.SettleAsync();
        }
    }

    /// <summary>Computes up to an offset or to where the epoch has to end, and commits it.</summary>
    private async Task GoOnAsync(
        PartitionPipeline pipeline, CommitPolicy policy, Committer committer, RecordBatch records, long limit, CancellationToken cancellationToken)
    {
        while (pipeline.NextOffset < limit && !pipeline.MustSeal)
        {
            long before = pipeline.NextOffset;
            await turns.WaitAsync(cancellationToken);
            try
            {
                await source.ReadAsync(partition, before, limit, _archivedTo, records, cancellationToken);
                pipeline.Process(records);
            }
            finally
            {
                turns.Release();
            }

            if (pipeline.NextOffset == before)
            {
                // The log of this process does not show yet what another one has computed.
                await Task.Delay(options.SealPollInterval, time, cancellationToken);
                return;
            }

            policy.OnProcessed(records);
            if (policy.IsDue(pipeline) && !pipeline.MustSeal)
            {
                await CommitAsync(pipeline, policy, committer, policy.EndOfEpoch(pipeline, SealRequest.None));
            }
        }

        if (pipeline.HasUncommitted || pipeline.MustSeal)
        {
            await CommitAsync(pipeline, policy, committer, policy.EndOfEpoch(pipeline, SealRequest.None));
            await committer.DrainAsync();
        }
    }

    private static async Task CommitAsync(PartitionPipeline pipeline, CommitPolicy policy, Committer committer, EpochRule rule)
    {
        EpochEnd end = await committer.StartAsync(pipeline, rule);
        policy.OnCommitTaken();
        if (end == EpochEnd.Seal)
        {
            await committer.DrainAsync();
            pipeline.StartEpoch();
            policy.OnEpochStarted();
        }
    }
}
