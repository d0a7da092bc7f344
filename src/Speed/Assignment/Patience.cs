using Lambda.Log;
using Lambda.Store;

namespace Lambda.Speed.Assignment;

/// <summary>Waits for a partition that its owner cannot go on with by itself.</summary>
internal sealed class Patience(StreamPartition partition, IEventLog log, ISpeedStore store, SpeedOptions options, TimeProvider time)
{
    /// <summary>
    /// Waits until somebody has accepted to go on without missing offsets, or the log has them again.
    /// </summary>
    /// <returns>Where it goes on.</returns>
    public async Task<long> UntilAcceptedAsync(OffsetRange missing, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.RestartDelay, time, cancellationToken);
            try
            {
                IReadOnlyList<LogGap> gaps = await store.ReadGapsAsync(partition.Stream, cancellationToken);
                long resumeAt = LogGaps.ResumeAt(gaps, partition.Partition, missing);
                OffsetRange offsets = await log.GetOffsetsAsync(partition.Stream, partition.Partition, cancellationToken);
                if (resumeAt > missing.Start || offsets.Start <= missing.Start)
                {
                    return resumeAt;
                }
            }
            catch (Exception error) when (error is EventLogException or ViewStoreException)
            {
                // Asked again below; the partition is at a standstill anyway.
            }
        }
    }

    /// <summary>
    /// Waits until it is certain that whoever has claimed the partition does not work on it: it is this process's by the group's word all the while,
    /// and what there is to do for its owner, records to commit or an epoch to seal, is not done. That happens when a process which was paused comes back
    /// and claims what it was given before, an instant before it learns that it has lost it. An owner that works is never disturbed, so two processes
    /// that both believe to be the owner do not take turns.
    /// </summary>
    public async Task UntilForsakenAsync(CancellationToken cancellationToken)
    {
        Progress? waiting = null;
        while (true)
        {
            await Task.Delay(options.TakeBackDelay, time, cancellationToken);
            try
            {
                // What is to be done may only just have come: it is somebody's to do until the next look.
                Progress? now = await ReadUndoneAsync(cancellationToken);
                if (now is not null && now == waiting)
                {
                    return;
                }

                waiting = now;
            }
            catch (Exception error) when (error is EventLogException or ViewStoreException)
            {
                waiting = null;
            }
        }
    }

    /// <summary>How far the partition is while there is something to do for its owner; null while there is nothing.</summary>
    private async Task<Progress?> ReadUndoneAsync(CancellationToken cancellationToken)
    {
        PartitionStatus? status = (await store.ReadStreamAsync(partition.Stream, cancellationToken))?.Partitions
            .FirstOrDefault(status => status.Partition == partition.Partition);
        if (status is null)
        {
            return null;
        }

        OffsetRange offsets = await log.GetOffsetsAsync(partition.Stream, partition.Partition, cancellationToken);
        return status.NextOffset < offsets.End
            || await store.ReadSealRequestAsync(partition.Stream, partition.Partition, cancellationToken) == SealRequest.Pending
                ? new Progress(status.NextOffset, status.Epoch)
                : null;
    }

    /// <summary>What an owner that works changes: with a commit of records the one, with an answer to a request to seal the other.</summary>
    private sealed record Progress(long NextOffset, long Epoch);
}
