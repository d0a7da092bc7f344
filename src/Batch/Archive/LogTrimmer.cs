using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// Removes records from a log that nobody needs any more: older than the retention, archived, and computed by the speed layer. A stream that the
/// speed layer has never computed is left alone, and so are partitions that the log got since this process began.
/// </summary>
internal sealed class LogTrimmer(IEventLog log, IViewStore store, TimeProvider time, BatchOptions options)
{
    /// <summary>Trims a stream; does nothing when everything is kept for ever.</summary>
    public async Task TrimAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        if (options.LogRetention is not { } retention
            || await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is not { } status)
        {
            return;
        }

        ArchiveEnds ends = await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset oldest = Retention.Oldest(time, retention);
        foreach (PartitionStatus partition in status.Partitions.Where(partition => partition.Partition < ends.Events.Partitions))
        {
            long expired = await log.FindOffsetAsync(stream.Name, partition.Partition, oldest, cancellationToken).ConfigureAwait(false);
            long before = Math.Min(expired, Math.Min(ends.Events[partition.Partition], partition.NextOffset));
            if (before > 0)
            {
                await log.TrimAsync(stream.Name, partition.Partition, before, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
