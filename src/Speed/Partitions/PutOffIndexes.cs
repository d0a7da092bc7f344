using Lambda.Store;
using Lambda.Views;

namespace Lambda.Speed.Partitions;

/// <summary>
/// What the store has still to bring into its indexes of what a partition's commits held while it was behind. Done in pieces whenever there is nothing to
/// compute, so that it never keeps records waiting for longer than a piece takes, and only some time after the partition was behind: other partitions may be still,
/// and work off theirs on the same machines.
/// </summary>
internal sealed class PutOffIndexes
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<ViewDefinition> _views;
    private readonly ISpeedStore _store;
    private readonly string _lane;
    private readonly int _partition;
    private readonly TimeProvider _time;

    /// <summary>Views that may have something left. At first that is any: the owner before may have left it.</summary>
    private readonly Queue<ViewDefinition> _left;

    private long _putOff;

    public PutOffIndexes(IReadOnlyList<ViewDefinition> views, ISpeedStore store, string lane, int partition, TimeProvider time)
    {
        _views = views;
        _store = store;
        _lane = lane;
        _partition = partition;
        _time = time;
        _left = new Queue<ViewDefinition>(views);
        _putOff = time.GetTimestamp();
    }

    /// <summary>Takes note that an epoch has ended: only what is never written again is put off.</summary>
    public void OnEpochEnded()
    {
        _putOff = _time.GetTimestamp();
        _left.Clear();
        foreach (ViewDefinition view in _views)
        {
            _left.Enqueue(view);
        }
    }

    /// <summary>Does one piece, if it is time to.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> DoPieceAsync(CancellationToken cancellationToken)
    {
        while (_time.GetElapsedTime(_putOff) >= Delay && _left.TryPeek(out ViewDefinition? view))
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
