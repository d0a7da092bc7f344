using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Speed.Partitions;

/// <summary>
/// Follows one partition of the log from where the store says it was committed: reads, computes and commits until it is told to stop or another
/// owner takes over. While a commit is written, the next records are computed.
/// </summary>
internal sealed class PartitionTask(
    StreamPlan plan,
    int partition,
    IEventLog log,
    ISpeedStore store,
    SpeedOptions options,
    TimeProvider time,
    CommittedOffsets committed,
    SpeedMetrics metrics)
{
    private readonly string _stream = plan.Stream.Name;

    /// <summary>
    /// Runs from the claim of the partition until an error or cancellation. On cancellation, and when the log refuses a read, everything computed
    /// is committed first. No commit is under way any more when the task ends, however it ends.
    /// </summary>
    /// <exception cref="FencedException">Another owner has claimed the partition.</exception>
    /// <exception cref="EventLogException">The log cannot be read on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        PartitionClaim claim = await store.ClaimAsync(_stream, partition, cancellationToken);
        committed.Report(_stream, partition, claim.NextOffset);
        PartitionProgress progress = metrics.Board.Follow(_stream, partition);
        progress.OnClaimed(plan.Stream, claim);
        PartitionPipeline pipeline = await ResumeAsync(claim, cancellationToken);
        CommitPolicy policy = new(options, time);
        using CycleTrace trace = new(_stream, partition, time);
        Committer committer = new(store, time, committed, metrics, progress, trace);
        using RecordBatch records = new();
        try
        {
            while (true)
            {
                trace.OnPoll();
                await log.ReadAsync(_stream, partition, pipeline.NextOffset, records, cancellationToken);
                if (records.Count > 0)
                {
                    progress.OnRead(records);
                    trace.OnPolled(records);
                    Process(pipeline, records, trace);
                    policy.OnProcessed();
                }
                else
                {
                    progress.OnEndReached(pipeline.NextOffset);
                }

                if (policy.IsDue(pipeline))
                {
                    await CommitAsync(pipeline, policy, committer, cancellationToken);
                }
                else if (records.Count == 0)
                {
                    await RestAsync(pipeline, policy, committer, cancellationToken);
                }
            }
        }
        catch (Exception error) when (
            error is EventLogException || (error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // The records before a damaged or trimmed place are good, and a task that starts again may meet the place before its first commit
            // each time. The last commit is not to be cut short by the token that asked for the stop.
            await committer.DrainAsync();
            if (pipeline.UncommittedRecords > 0)
            {
                await committer.StartAsync(pipeline.TakeCommit(policy.EndOfEpoch(pipeline, SealRequest.None)));
                await committer.DrainAsync();
            }

            throw;
        }
        finally
        {
            await committer.SettleAsync();
        }
    }

    /// <summary>A pipeline that judges events as the one before it would have.</summary>
    private async Task<PartitionPipeline> ResumeAsync(PartitionClaim claim, CancellationToken cancellationToken)
    {
        PartitionPipeline pipeline = new(plan, partition, claim);
        if (claim.MaxEventTime is { } maxEventTime)
        {
            long watermark = WatermarkTracker.Of(maxEventTime, UtcMicroseconds.From(plan.Stream.OutOfOrderness));
            foreach (ViewDefinition view in plan.Stream.Views.Where(view => view.Layout.HasLiveSessions))
            {
                long end = TimeWindow.LeastEndNotRefused(watermark, UtcMicroseconds.From(view.AllowedLateness));
                pipeline.Resume(await store.ReadLiveSessionsAsync(view.Layout, partition, end, cancellationToken));
            }
        }

        return pipeline;
    }

    private static void Process(PartitionPipeline pipeline, RecordBatch records, CycleTrace trace)
    {
        using (trace.Step("decode"))
        {
            pipeline.Decode(records);
        }

        using (trace.Step("apply"))
        {
            pipeline.Apply(records);
        }
    }

    private static async Task CommitAsync(
        PartitionPipeline pipeline, CommitPolicy policy, Committer committer, CancellationToken cancellationToken)
    {
        // Waits for the commit before this one, which is what lets commits grow while the store is busy.
        SealRequest request = await committer.DrainAsync();
        cancellationToken.ThrowIfCancellationRequested();
        EpochEnd end = policy.EndOfEpoch(pipeline, request);
        await committer.StartAsync(pipeline.TakeCommit(end));
        policy.OnCommitTaken();
        if (end == EpochEnd.Seal)
        {
            await committer.DrainAsync();
            pipeline.StartEpoch();
            policy.OnEpochStarted();
        }
    }

    /// <summary>Waits for records, until the next commit is due or it is time to look for a request to seal.</summary>
    private async Task RestAsync(
        PartitionPipeline pipeline, CommitPolicy policy, Committer committer, CancellationToken cancellationToken)
    {
        TimeSpan rest = policy.TimeUntilDue() ?? options.SealPollInterval;
        using CancellationTokenSource timeout = new(rest, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await log.WaitAsync(_stream, partition, pipeline.NextOffset, either.Token);
            return;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing came in time.
        }

        if (pipeline.UncommittedRecords == 0)
        {
            await committer.DrainAsync();
            SealRequest request = await store.ReadSealRequestAsync(_stream, partition, cancellationToken);
            if (policy.EndOfEpoch(pipeline, request) == EpochEnd.Seal)
            {
                await committer.StartAsync(pipeline.TakeCommit(EpochEnd.Seal));
                await committer.DrainAsync();
                pipeline.StartEpoch();
                policy.OnEpochStarted();
            }
        }
    }
}
