using Lambda.Views;
using Lambda.Store;

namespace Lambda.Speed.Partitions;

/// <summary>
/// What the store has still to bring into its indexes of what a partition's commits held while it was behind. Done in pieces whenever there is nothing to
/// compute, so that it never keeps records waiting for longer than a piece takes.
/// </summary>
internal sealed class PutOffIndexes
{
    private readonly IReadOnlyList<ViewDefinition> _views;
    private readonly ISpeedStore _store;
    private readonly string _lane;
    private readonly int _partition;

    /// <summary>Views that may have something left. At first that is any: the owner before may have left it.</summary>
    private readonly Queue<ViewDefinition> _left;

    public PutOffIndexes(IReadOnlyList<ViewDefinition> views, ISpeedStore store, string lane, int partition)
    {
        _views = views;
        _store = store;
        _lane = lane;
        _partition = partition;
        _left = new Queue<ViewDefinition>(views);
    }

    /// <summary>Takes note that an epoch has ended: only what is never written again is put off.</summary>
    public void OnEpochEnded()
    {
        _left.Clear();
        foreach (ViewDefinition view in _views)
        {
            _left.Enqueue(view);
        }
    }

    /// <summary>Does one piece.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> DoPieceAsync(CancellationToken cancellationToken)
    {
        while (_left.TryPeek(out ViewDefinition? view))
        {
            if (await _store.IndexAsync(view.Layout, _lane, _partition, cancellationToken))
            {
                return true;
            }

            _left.Dequeue();
        }

        return false;
    }
}
