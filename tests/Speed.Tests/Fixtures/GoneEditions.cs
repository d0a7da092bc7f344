using Lambda.Store;
using Lambda.Views;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A store that is asked what editions there are, and is gone when it is to give up.</summary>
internal sealed class GoneEditions(IEditionStore inner) : IEditionStore
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when it is asked.</summary>
    public Task Asked => _asked.Task;

    public async ValueTask<IReadOnlyList<EditionInfo>> ReadEditionsAsync(string stream, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new ViewStoreException("The store cannot be reached.");
    }

    public ValueTask<int> BeginReplayAsync(string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo, CancellationToken cancellationToken) =>
        inner.BeginReplayAsync(stream, views, archivedTo, cancellationToken);

    public ValueTask<FollowBound> ReadFollowBoundAsync(string stream, int partition, long from, CancellationToken cancellationToken) =>
        inner.ReadFollowBoundAsync(stream, partition, from, cancellationToken);

    public ValueTask HoldAsync(BatchLease lease, TimeSpan duration, CancellationToken cancellationToken) => inner.HoldAsync(lease, duration, cancellationToken);

    public ValueTask PromoteAsync(BatchLease lease, int edition, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken) =>
        inner.PromoteAsync(lease, edition, views, cancellationToken);

    public ValueTask DropEditionAsync(string stream, int edition, CancellationToken cancellationToken) => inner.DropEditionAsync(stream, edition, cancellationToken);
}
