using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views.Plans;

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
    /// Runs from the claim of the partition until an error or cancellation. When it is to stop, and when the log refuses a read, everything computed
    /// is committed first. No commit is under way any more when the task ends, however it ends.
    /// </summary>
    /// <param name="stop">Ends the task with everything committed.</param>
    /// <param name="giveUp">Ends the task at once: the partition may be somebody else's already.</param>
    /// <exception cref="FencedException">Another owner has claimed the partition.</exception>
    /// <exception cref="EditionChangedException">Another edition of the stream answers now: to be run again at once.</exception>
    /// <exception cref="OffsetTrimmedException">Records are gone, and nobody has said to go on without them.</exception>
    /// <exception cref="OffsetBeyondEndException">The log has lost records that were computed.</exception>
    /// <exception cref="LogReplacedException">The log is another one than the one that was computed.</exception>
    /// <exception cref="EventLogException">The log cannot be read on.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp = default)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, giveUp);
        CancellationToken end = either.Token;
        PartitionClaim claim = await store.ClaimAsync(_stream, partition, end);
        committed.Report(_stream, partition, claim.NextOffset);
        PartitionProgress progress = metrics.Board.Follow(_stream, partition);
        progress.OnClaimed(plan.Stream, claim);
        await RequireLogAsync(claim.NextOffset, end);
        PartitionPipeline pipeline = await PipelineStart.ResumeAsync(plan, partition, claim, store, end);
        CommitPolicy policy = new(options, time);
        PutOffIndexes indexes = new(plan.Stream.Views, store, _stream, partition, time);
        using CycleTrace trace = new(_stream, partition, time);
        Committer committer = new(store, time, committed, metrics, progress, trace, giveUp);
        using RecordBatch records = new();
        long looked = time.GetTimestamp();
        try
        {
            while (true)
            {
                if (progress.TakeLogShorter())
                {
                    // A reader that waits behind the end does not notice, and would pass over what comes at the offsets before.
                    await RequireLogAsync(pipeline.NextOffset, end);
                }

                trace.OnPoll();
                await ReadAsync(pipeline.NextOffset, records, end);
                long before = pipeline.NextOffset;
                Process(pipeline, records, progress, trace);
                bool isFurther = pipeline.NextOffset > before;
                if (isFurther)
                {
                    policy.OnProcessed(records);
                }
                else
                {
                    policy.OnEndReached();
                    progress.OnEndReached(pipeline.NextOffset);
                }

                if (policy.IsDue(pipeline))
                {
                    await CommitAsync(pipeline, policy, committer, indexes, end);
                }
                else if (!isFurther && !await indexes.DoPieceAsync(end))
                {
                    await RestAsync(pipeline, policy, committer, end);
                }
                else if (!isFurther && time.GetElapsedTime(looked) >= options.SealPollInterval)
                {
                    // There may be pieces for minutes, and whoever waits for the epoch to end waits for seconds.
                    await LookForRequestAsync(pipeline, policy, committer, end);
                    looked = time.GetTimestamp();
                }
            }
        }
        catch (Exception error) when (!giveUp.IsCancellationRequested
            && (error is EventLogException || (error is OperationCanceledException && stop.IsCancellationRequested)))
        {
            // The records before a damaged or trimmed place are good, and a task that starts again may meet the place before its first commit
            // each time. The last commit is not to be cut short by the token that asked for the stop.
            await committer.DrainAsync();
            if (pipeline.HasUncommitted)
            {
                await committer.StartAsync(pipeline, policy.EndOfEpoch(pipeline, SealRequest.None));
                await committer.DrainAsync();
            }

            throw;
        }
        finally
        {
            await committer.SettleAsync();
        }
    }

    /// <summary>Refuses to go on with a log that does not reach as far as it has been read, or does but is another one.</summary>
    private async ValueTask RequireLogAsync(long nextOffset, CancellationToken cancellationToken)
    {
        OffsetRange offsets = await log.GetOffsetsAsync(_stream, partition, cancellationToken);
        if (offsets.End < nextOffset)
        {
            // A broker that has just become a partition's leader may not know yet how far it is committed.
            await Task.Delay(options.RestartDelay, time, cancellationToken);
            offsets = await log.GetOffsetsAsync(_stream, partition, cancellationToken);
            if (offsets.End < nextOffset)
            {
                throw new OffsetBeyondEndException(_stream, partition, nextOffset, offsets.End);
            }
        }

        if (await store.ReadStreamAsync(_stream, cancellationToken) is { } status)
        {
            await LogContinuity.RequireAsync(log, _stream, status.Partitions[partition], cancellationToken);
        }
    }

    /// <summary>Reads on, across what the log has lost and a person has accepted to go without.</summary>
    private async ValueTask ReadAsync(long offset, RecordBatch records, CancellationToken cancellationToken)
    {
        try
        {
            await log.ReadAsync(_stream, partition, offset, records, cancellationToken);
        }
        catch (OffsetTrimmedException lost)
        {
            long end = LogGaps.ResumeAt(await store.ReadGapsAsync(_stream, cancellationToken), partition, lost.Missing);
            if (end <= offset)
            {
                throw;
            }

            metrics.OnGapAccepted(_stream, partition, new OffsetRange(offset, end));
            records.BeginRead(offset);
            records.SkipTo(end);
        }
    }

    private static void Process(PartitionPipeline pipeline, RecordBatch records, PartitionProgress progress, CycleTrace trace)
    {
        if (records.Count > 0)
        {
            progress.OnRead(records);
            trace.OnPolled(records);
        }

        using (trace.Step("decode"))
        {
            pipeline.Decode(records);
        }

        using (trace.Step("apply"))
        {
            pipeline.Apply(records);
        }
    }

    private async Task CommitAsync(
        PartitionPipeline pipeline, CommitPolicy policy, Committer committer, PutOffIndexes indexes, CancellationToken cancellationToken)
    {
        // Waits for the commit before this one, which is what lets commits grow while the store is busy.
        SealRequest request = await committer.DrainAsync();
        while (request == SealRequest.Hold)
        {
            await Task.Delay(options.SealPollInterval, time, cancellationToken);
            request = await store.ReadSealRequestAsync(_stream, partition, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        EpochEnd end = await committer.StartAsync(pipeline, policy.EndOfEpoch(pipeline, request));
        policy.OnCommitTaken();
        if (end == EpochEnd.Seal)
        {
            pipeline.StartEpoch();
            policy.OnEpochStarted();
            indexes.OnEpochEnded();
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

        await LookForRequestAsync(pipeline, policy, committer, cancellationToken);
    }

    /// <summary>Ends the epoch if somebody waits for that, or it is time to, while there is nothing to commit.</summary>
    private async Task LookForRequestAsync(PartitionPipeline pipeline, CommitPolicy policy, Committer committer, CancellationToken cancellationToken)
    {
        if (pipeline.HasUncommitted)
        {
            return;
        }

        await committer.DrainAsync();
        pipeline.ForgetCommitted();
        SealRequest request = await store.ReadSealRequestAsync(_stream, partition, cancellationToken);
        if (policy.EndOfEpoch(pipeline, request) == EpochRule.Seal)
        {
            await committer.StartAsync(pipeline, EpochRule.Seal);
            await committer.DrainAsync();
            pipeline.StartEpoch();
            policy.OnEpochStarted();
        }
    }
}
