namespace Lambda.Log.Embedded;

/// <summary>The group of a log that only this process can open: all partitions are the one member's, from the beginning to the end.</summary>
internal sealed class SoleMemberGroup(IEventLog log) : IPartitionGroup
{
    public async Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        List<StreamPartition> all = [];
        foreach (string stream in streams)
        {
            // A stream that exists keeps its number of partitions.
            int partitions = await log.EnsureStreamAsync(stream, 1, cancellationToken).ConfigureAwait(false);
            all.AddRange(Enumerable.Range(0, partitions).Select(partition => new StreamPartition(stream, partition)));
        }

        await member.AssignAsync(all, cancellationToken).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await member.RevokeAsync(all, CancellationToken.None).ConfigureAwait(false);
    }

    public void ReportCommitted(StreamPartition partition, long nextOffset)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
