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

    public async ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (StreamPartition partition in partitions)
        {
            // Given anew without having been taken away: what the former follower had in hand may have been somebody else's in between.
            await EndAsync([partition], follower => follower.GiveUpAsync(), metrics.OnLost);
            metrics.OnAssigned(partition.Stream, partition.Partition);
            _followers.Add(partition, follow(partition));
        }

        metrics.OnJoined();
    }

    public async ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) =>
        await EndAsync(partitions, follower => follower.StopAsync(cancellationToken), metrics.OnRevoked);

    public async ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken) =>
        await EndAsync(partitions, follower => follower.GiveUpAsync(), metrics.OnLost);

    private async Task EndAsync(IReadOnlyList<StreamPartition> partitions, Func<PartitionFollower, Task> end, Action<string, int> onEnded)
    {
        List<(StreamPartition Partition, PartitionFollower Follower)> ended = [];
        foreach (StreamPartition partition in partitions)
        {
            if (_followers.Remove(partition, out PartitionFollower? follower))
            {
                ended.Add((partition, follower));
            }
        }

        await Task.WhenAll(ended.Select(each => end(each.Follower)));
        foreach ((StreamPartition partition, PartitionFollower follower) in ended)
        {
            follower.Dispose();
            onEnded(partition.Stream, partition.Partition);
        }
    }
}
