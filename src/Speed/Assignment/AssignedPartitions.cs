using Lambda.Log;
using Lambda.Speed.Telemetry;

namespace Lambda.Speed.Assignment;

/// <summary>The partitions that the group has given to this process, with a follower on each.</summary>
/// <param name="metrics">Told what is given and taken.</param>
/// <param name="follow">Makes the follower of a partition, which begins at once.</param>
internal sealed class AssignedPartitions(SpeedMetrics metrics, Func<StreamPartition, PartitionFollower> follow) : IPartitionGroupMember
{
    // Not locked: a group tells its member one thing at a time.
    private readonly Dictionary<StreamPartition, PartitionFollower> _followers = [];

    /// <summary>
    /// By partition, the end of the last follower that was to end. A group may stop waiting for it, and give the partition to this process again before it
    /// has come: two followers of one partition would each undo what the other tells of it.
    /// </summary>
    private readonly Dictionary<StreamPartition, Task> _ends = [];

    public async ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (StreamPartition partition in partitions)
        {
            // Given anew without having been taken away: what the former follower had in hand may have been somebody else's in between.
            await EndAsync([partition], follower => follower.GiveUpAsync(), metrics.OnLost);
            if (_ends.Remove(partition, out Task? end))
            {
                // What it may have failed with was told to whoever took the partition away.
                await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            metrics.OnAssigned(partition.Stream, partition.Partition);
            _followers.Add(partition, follow(partition));
        }

        metrics.OnJoined();
    }

    public async ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) =>
        await EndAsync(partitions, follower => follower.StopAsync(cancellationToken), metrics.OnRevoked);

    public async ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) =>
        await EndAsync(partitions, follower => follower.GiveUpAsync(), metrics.OnLost);

    private Task EndAsync(IReadOnlyList<StreamPartition> partitions, Func<PartitionFollower, Task> end, Action<string, int> onEnded)
    {
        List<Task> ends = [];
        foreach (StreamPartition partition in partitions)
        {
            if (_followers.Remove(partition, out PartitionFollower? follower))
            {
                ends.Add(_ends[partition] = EndAsync(partition, follower, end, onEnded));
            }
        }

        return Task.WhenAll(ends);
    }

    private static async Task EndAsync(
        StreamPartition partition, PartitionFollower follower, Func<PartitionFollower, Task> end, Action<string, int> onEnded)
    {
        await end(follower);
        follower.Dispose();
        onEnded(partition.Stream, partition.Partition);
    }
}
