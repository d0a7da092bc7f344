using System.Collections.Concurrent;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A store whose calls can be seen, held up and disturbed.</summary>
internal sealed class ObservedStore(ISpeedStore inner) : ISpeedStore
{
    public ValueTask AcceptGapAsync(LogGap gap, CancellationToken cancellationToken) => inner.AcceptGapAsync(gap, cancellationToken);

    public ValueTask<IReadOnlyList<LogGap>> ReadGapsAsync(string stream, CancellationToken cancellationToken) =>
        inner.ReadGapsAsync(stream, cancellationToken);

    public ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken) => inner.ReadStreamAsync(stream, cancellationToken);

    public const string Claimed = "claimed";
    public const string Begun = "begun";
    public const string Committed = "committed";
    public const string Asked = "asked";

    private readonly ConcurrentQueue<SpeedCommit> _commits = [];
    private int _underWay;
    private long _partials;

    public Milestones Milestones { get; } = new();

    /// <summary>The commits that the store took.</summary>
    public IReadOnlyList<SpeedCommit> Commits => [.. _commits];

    /// <summary>How many partials these had, which are gone when a partition takes its next commit.</summary>
    public long Partials => Interlocked.Read(ref _partials);

    /// <summary>How many commits were under way at the same time at most.</summary>
    public int MostUnderWay { get; private set; }

    /// <summary>Awaited before each call; may throw.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether commits get no answer, unless they are cancelled.</summary>
    public bool CommitsHang { get; set; }

    /// <summary>Whether a commit is acknowledged and lost, as in a failover to a standby that is behind.</summary>
    public Func<SpeedCommit, bool> Loses { get; set; } = _ => false;

    /// <summary>Says in place of the store whether there was something of a view to index.</summary>
    public Func<string, bool>? Pieces { get; set; }

    /// <summary>Called after each call has taken effect; may throw.</summary>
    public Action<string> After { get; set; } = _ => { };

    public ValueTask<int> GrowAsync(string stream, int partitions, CancellationToken cancellationToken) => inner.GrowAsync(stream, partitions, cancellationToken);

    public async ValueTask<PartitionClaim> ClaimAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        await Before(Claimed);
        PartitionClaim claim = await inner.ClaimAsync(stream, partition, cancellationToken);
        After(Claimed);
        Milestones.Reach(Claimed);
        return claim;
    }

    public ValueTask<PartialBatch> ReadLiveSessionsAsync(
        PartialLayout view, string lane, int partition, LiveSessionBound bound, CancellationToken cancellationToken) =>
        inner.ReadLiveSessionsAsync(view, lane, partition, bound, cancellationToken);

    public ValueTask<bool> IndexAsync(PartialLayout view, string lane, int partition, CancellationToken cancellationToken) =>
        Pieces is { } pieces ? new(pieces(view.View)) : inner.IndexAsync(view, lane, partition, cancellationToken);

    public async ValueTask<SealRequest> CommitAsync(SpeedCommit commit, CancellationToken cancellationToken)
    {
        MostUnderWay = Math.Max(MostUnderWay, Interlocked.Increment(ref _underWay));
        Milestones.Reach(Begun);
        try
        {
            await Before(Committed);
            await Task.Delay(CommitsHang ? Timeout.Infinite : 0, cancellationToken);
            if (Loses(commit))
            {
                return SealRequest.None;
            }

            SealRequest request = await inner.CommitAsync(commit, cancellationToken);
            _commits.Enqueue(commit);
            Interlocked.Add(ref _partials, commit.Partials.Sum(partials => partials.Count));
            After(Committed);
            Milestones.Reach(Committed);
            return request;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public async ValueTask<SealRequest> ReadSealRequestAsync(string stream, int partition, CancellationToken cancellationToken)
    {
        await Before(Asked);
        SealRequest request = await inner.ReadSealRequestAsync(stream, partition, cancellationToken);
        After(Asked);
        return request;
    }
}
