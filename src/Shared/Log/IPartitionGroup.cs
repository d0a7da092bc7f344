namespace Lambda.Log;

/// <summary>
/// Spreads the partitions of streams over all processes that take part: each partition is given to one of them at a time, and moves when members join,
/// leave or are no longer heard of.
/// </summary>
/// <remarks>
/// It decides who works, not who may write: a member that was cut off can learn of it late. What it writes then is refused by the store's fence numbers.
/// </remarks>
internal interface IPartitionGroup : IAsyncDisposable
{
    /// <summary>
    /// Takes part with one member until cancelled, and leaves the group at the end. All that was given is taken back before the task ends, however it ends.
    /// Called once.
    /// </summary>
    /// <param name="streams">Streams that exist in the log.</param>
    /// <param name="member">Told what is given to this process and what is taken from it, one call at a time.</param>
    /// <param name="cancellationToken">Leaves the group.</param>
    /// <exception cref="EventLogException">The group cannot be joined, for a reason that waiting does not cure.</exception>
    Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken);

    /// <summary>
    /// Shows those who watch the group from outside how far a partition is committed in the store. For their eyes only: the platform reads its
    /// position from the store. Never fails and never waits.
    /// </summary>
    void ReportCommitted(StreamPartition partition, long nextOffset);
}

/// <summary>A process that works on the partitions a group gives it.</summary>
internal interface IPartitionGroupMember
{
    /// <summary>These partitions are this member's from now on.</summary>
    ValueTask AssignAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken);

    /// <summary>
    /// These partitions go to somebody else, who gets them when the call completes: until then what is in progress can be committed.
    /// </summary>
    ValueTask RevokeAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken);

    /// <summary>These partitions may be somebody else's already, as the group had not heard of this member for too long. What is in progress is to be given up.</summary>
    ValueTask LoseAsync(IReadOnlyList<StreamPartition> partitions, CancellationToken cancellationToken);
}
