using Lambda.Hosting.Composition;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Keeps records out of a log that was restored from an older copy, or made anew: the speed layer would take them for those that it has computed.</summary>
internal static class LogReach
{
    /// <exception cref="OffsetBeyondEndException">A partition ends before what was computed of it.</exception>
    public static async Task RequireAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        // Before the ends: a log that others append to is only further by then.
        if (await platform.Store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is not { } status)
        {
            return;
        }

        long[] ends = await CatchUp.EndsAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        foreach (PartitionStatus partition in status.Partitions)
        {
            if (partition.Partition < ends.Length && ends[partition.Partition] < partition.NextOffset)
            {
                throw new OffsetBeyondEndException(stream.Name, partition.Partition, partition.NextOffset, ends[partition.Partition]);
            }
        }
    }
}
