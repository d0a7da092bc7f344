using Lambda.Log;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Assignment;

/// <summary>Makes partitions known to the store that the log has got since a stream was registered.</summary>
internal sealed class NewPartitions(IEventLog log, ISpeedStore store, ILogger logger)
{
    /// <summary>Makes sure that a partition is known that this process was given.</summary>
    /// <exception cref="EventLogException">The log does not answer.</exception>
    /// <exception cref="ViewStoreException">The store does not know the stream, or does not answer.</exception>
    public async ValueTask MakeKnownAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        string stream = partition.Stream;
        if (await store.ReadStreamAsync(stream, cancellationToken) is not { } status || partition.Partition < status.Partitions.Count)
        {
            return;
        }

        // What the log says may be older than what the group has heard.
        int partitions = Math.Max(partition.Partition + 1, await log.CountPartitionsAsync(stream, cancellationToken));
        int added = await store.GrowAsync(stream, partitions, cancellationToken);
        if (added > 0)
        {
            SpeedLog.Grown(logger, stream, partitions - added, partitions);
        }
    }
}
