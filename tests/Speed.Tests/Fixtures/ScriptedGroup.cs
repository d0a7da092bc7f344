using Lambda.Log;
using Xunit;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A group that gives partitions to its members as the test says.</summary>
internal sealed class ScriptedGroup : IPartitionGroup
{
    private readonly TaskCompletionSource<IPartitionGroupMember> _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<StreamPartition> _given = [];
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>How far partitions were reported as committed.</summary>
    public Dictionary<StreamPartition, long> Reported { get; } = [];

    /// <summary>What the member has.</summary>
    public IReadOnlySet<StreamPartition> Given => _given;

    public async Task RunAsync(IReadOnlyList<string> streams, IPartitionGroupMember member, CancellationToken cancellationToken)
    {
        _joined.SetResult(member);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TakeTurnAsync(async _ =>
        {
            await member.RevokeAsync([.. _given], CancellationToken.None);
            _given.Clear();
        });
    }

    public Task AssignAsync(params StreamPartition[] partitions) => TakeTurnAsync(async member =>
    {
        _given.UnionWith(partitions);
        await member.AssignAsync(partitions, Waiting.Token);
    });

    public Task RevokeAsync(params StreamPartition[] partitions) => TakeTurnAsync(async member =>
    {
        await member.RevokeAsync(partitions, Waiting.Token);
        _given.ExceptWith(partitions);
    });

    /// <summary>Takes partitions away, and does not wait until what is in progress has been committed.</summary>
    public Task RevokeInVainAsync(params StreamPartition[] partitions) => TakeTurnAsync(async member =>
    {
        using CancellationTokenSource limit = new();
        Task revoked = member.RevokeAsync(partitions, limit.Token).AsTask().WaitAsync(limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => revoked);
        await member.LoseAsync(partitions, Waiting.Token);
        _given.ExceptWith(partitions);
    });

    public Task LoseAsync(params StreamPartition[] partitions) => TakeTurnAsync(async member =>
    {
        await member.LoseAsync(partitions, Waiting.Token);
        _given.ExceptWith(partitions);
    });

    public void ReportCommitted(StreamPartition partition, long nextOffset)
    {
        lock (Reported)
        {
            Reported[partition] = nextOffset;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A group tells its member one thing at a time.
    private async Task TakeTurnAsync(Func<IPartitionGroupMember, Task> act)
    {
        IPartitionGroupMember member = await _joined.Task.InTime();
        await _turn.WaitAsync(Waiting.Token);
        try
        {
            await act(member).InTime();
        }
        finally
        {
            _turn.Release();
        }
    }
}
