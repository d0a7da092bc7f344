using Lambda.Processing;
using Lambda.Speed.Telemetry;
using Lambda.Store;

namespace Lambda.Speed.Partitions;

/// <summary>Writes the commits of one partition one after the other, one at a time in the background.</summary>
internal sealed class Committer(
    ISpeedStore store, TimeProvider time, CommittedOffsets committed, SpeedMetrics metrics, PartitionProgress progress, CycleTrace trace,
    CancellationToken giveUp)
{
    private Task<SealRequest> _inFlight = Task.FromResult(SealRequest.None);

    /// <summary>Takes a commit when the one before it has been written, whose buffers it gets, and begins to write it.</summary>
    /// <returns>What becomes of the epoch.</returns>
    /// <exception cref="FencedException">The one before it was refused.</exception>
    public async Task<EpochEnd> StartAsync(PartitionPipeline pipeline, EpochRule rule)
    {
        await _inFlight;
        SpeedCommit commit = pipeline.TakeCommit(rule);
        _inFlight = WriteAsync(commit, trace.TakeCycle(commit));
        return commit.EpochEnd;
    }

    /// <summary>Waits until everything is written.</summary>
    /// <returns>Whether somebody waits for the open epoch to be sealed.</returns>
    public Task<SealRequest> DrainAsync() => _inFlight;

    /// <summary>Waits until nothing is being written, whether or not that succeeds.</summary>
    public async Task SettleAsync() => await ((Task)_inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<SealRequest> WriteAsync(SpeedCommit commit, CommitTrace? cycle)
    {
        progress.OnCommitStarted();
        long started = time.GetTimestamp();
        SealRequest request;
        try
        {
            // Not cancelled by a stop: what was begun is finished, so that it loses nothing. Only who has lost the partition does not wait for the store.
            request = await Task.Run(() => store.CommitAsync(commit, giveUp).AsTask(), CancellationToken.None);
        }
        catch (Exception error)
        {
            metrics.OnCommitFailed(commit.Stream, commit.Partition);
            cycle?.Fail(error);
            throw;
        }

        cycle?.End();
        metrics.OnCommit(commit, time.GetElapsedTime(started));
        progress.OnCommitted(commit);
        committed.Report(commit.Stream, commit.Partition, commit.NextOffset);
        return request;
    }
}
