namespace Lambda.Log;

/// <summary>
/// The group of a process that computes alone: all partitions are the one member's, from the beginning to the end. Those that are added to the log later, as to a topic of Kafka, are given to
/// it soon after.
/// </summary>
internal sealed class SoleMemberGroup(IEventLog log, TimeProvider time) : IPartitionGroup
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    public async Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        Dictionary<string, int> given = [];
        foreach (string stream in streams)
        {
            // A stream that exists keeps its number of partitions.
            given[stream] = await log.EnsureStreamAsync(stream, 1, cancellationToken).ConfigureAwait(false);
        }

        await member.AssignAsync([.. given.SelectMany(stream => Partitions(stream.Key, 0, stream.Value))], cancellationToken).ConfigureAwait(false);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (string stream in streams.TakeWhile(_ => !cancellationToken.IsCancellationRequested))
            {
                int there = await CountAsync(stream, cancellationToken).ConfigureAwait(false) ?? given[stream];
                if (there > given[stream])
                {
                    await member.AssignAsync([.. Partitions(stream, given[stream], there)], CancellationToken.None).ConfigureAwait(false);
                    given[stream] = there;
                }
            }
        }

        await member.RevokeAsync([.. given.SelectMany(stream => Partitions(stream.Key, 0, stream.Value))], CancellationToken.None).ConfigureAwait(false);
    }

    public void ReportCommitted(StreamPartition partition, long nextOffset)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>How many partitions a stream has now; null when the log does not say, which readers tell as well.</summary>
    private async ValueTask<int?> CountAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            return await log.CountPartitionsAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EventLogException || cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static IEnumerable<StreamPartition> Partitions(string stream, int from, int to) =>
        Enumerable.Range(from, to - from).Select(partition => new StreamPartition(stream, partition));
}
