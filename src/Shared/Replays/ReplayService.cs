using Lambda.Definition;
using Lambda.Log;
using Lambda.Store;
using Lambda.Store.Relational;
using Lambda.Views;

namespace Lambda.Replays;

/// <summary>
/// Begins, lists, promotes and drops replays: computations of a stream's views from where the stream begins, by the speed layer and beside what answers.
/// Whoever runs the speed layer computes them.
/// </summary>
internal sealed class ReplayService(Catalog catalog, IEventLog log, IViewStore store, IArchivedRecords archive, TimeProvider time)
{
    /// <summary>How long what answers is held up at most while a replay comes as far.</summary>
    private static readonly TimeSpan HoldFor = TimeSpan.FromSeconds(10);

    /// <summary>How often the change is tried meanwhile.</summary>
    private static readonly TimeSpan TryInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a batch run may take to end before a promotion is refused because of it.</summary>
    private static readonly TimeSpan LeaseWithin = TimeSpan.FromSeconds(10);

    /// <summary>Longer than anything that is done under it.</summary>
    private static readonly TimeSpan LeaseFor = TimeSpan.FromMinutes(2);

    /// <summary>What answers is only held up for a replay that comes as far as it was within this.</summary>
    private static readonly TimeSpan FollowWithin = TimeSpan.FromSeconds(3);

    /// <summary>Begins a replay of a stream with the views as they are declared.</summary>
    /// <exception cref="ViewStoreException">
    /// There is no such stream, another replay of it has not answered yet, or neither history nor log have all of it.
    /// </exception>
    /// <exception cref="EventLogException">The log does not answer.</exception>
    public async Task<EditionInfo> StartAsync(string stream, CancellationToken cancellationToken)
    {
        StreamDefinition definition = Find(stream);

        // The store sees to it, too. Here it is said before anything is looked for.
        EditionRules.RequireNoReplay(await store.ReadEditionsAsync(stream, cancellationToken).ConfigureAwait(false), stream);
        StreamStatus status = await store.ReadStreamAsync(stream, cancellationToken).ConfigureAwait(false)
            ?? throw new ViewStoreException($"The store does not know stream '{stream}', so there is nothing to replay.");
        Boundary archivedTo = await archive.FindEndAsync(stream, cancellationToken).ConfigureAwait(false);
        await RequireAllAsync(status, archivedTo, cancellationToken).ConfigureAwait(false);
        int number = await store.BeginReplayAsync(stream, [.. definition.Views.Select(view => view.Layout)], archivedTo, cancellationToken)
            .ConfigureAwait(false);
        return await FindAsync(stream, number, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The editions of a stream by number; none when it was never replayed.</summary>
    public ValueTask<IReadOnlyList<EditionInfo>> ListAsync(string stream, CancellationToken cancellationToken) =>
        store.ReadEditionsAsync(Find(stream).Name, cancellationToken);

    /// <summary>An edition of a stream.</summary>
    /// <exception cref="ViewStoreException">There is none of that number.</exception>
    public async Task<EditionInfo> FindAsync(string stream, int edition, CancellationToken cancellationToken) =>
        (await ListAsync(stream, cancellationToken).ConfigureAwait(false)).FirstOrDefault(known => known.Edition == edition)
            ?? throw EditionRules.Unknown(stream, edition);

    /// <summary>
    /// Has an edition answer in place of the one that does, which is kept so that it can be promoted again. The commits of the one that answers wait meanwhile
    /// until the other has come as far, for seconds at most.
    /// </summary>
    /// <exception cref="IncompleteEditionException">It is not complete.</exception>
    /// <exception cref="ViewStoreException">It cannot answer, or a batch run of the stream is under way; the message says why.</exception>
    public async Task<EditionInfo> PromoteAsync(string stream, int edition, CancellationToken cancellationToken)
    {
        StreamDefinition definition = Find(stream);
        BatchLease lease = await AcquireAsync(stream, edition, cancellationToken).ConfigureAwait(false);
        try
        {
            await PromoteAsync(lease, edition, [.. definition.Views.Select(view => view.Layout)], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await store.ReleaseLeaseAsync(lease, CancellationToken.None).ConfigureAwait(false);
        }

        return await FindAsync(stream, edition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes an edition that does not answer.</summary>
    /// <exception cref="ViewStoreException">It is not known, or answers.</exception>
    public ValueTask DropAsync(string stream, int edition, CancellationToken cancellationToken) =>
        store.DropEditionAsync(Find(stream).Name, edition, cancellationToken);

    private StreamDefinition Find(string stream) => catalog.FindStream(stream)
        ?? throw new ViewStoreException(
            $"There is no stream '{stream}'. The streams are: {string.Join(", ", catalog.Streams.Select(known => known.Name))}.");

    /// <summary>Requires that each offset of the stream is in the history or in the log, or lies in a gap that was accepted.</summary>
    private async Task RequireAllAsync(StreamStatus status, Boundary archivedTo, CancellationToken cancellationToken)
    {
        IReadOnlyList<LogGap> gaps = await store.ReadGapsAsync(status.Stream, cancellationToken).ConfigureAwait(false);
        foreach (PartitionStatus partition in status.Partitions)
        {
            OffsetRange there = await log.GetOffsetsAsync(status.Stream, partition.Partition, cancellationToken).ConfigureAwait(false);
            long next = Math.Max(partition.Start, archivedTo[partition.Partition]);
            OffsetRange lost = LogGaps.Lost(gaps, partition.Partition, next, Math.Min(there.Start, partition.NextOffset));
            if (!lost.IsEmpty)
            {
                throw new ViewStoreException(
                    $"Stream '{status.Stream}', partition {partition.Partition}, cannot be replayed: offsets {lost} are neither in the history, which reaches to "
                    + $"{next}, nor in the log, which has the records from {there.Start} on. Run this where the history is to be seen, if there is one.");
            }
        }
    }

    private async Task<BatchLease> AcquireAsync(string stream, int edition, CancellationToken cancellationToken)
    {
        string owner = $"promotion of replay {edition} ({Guid.NewGuid():N})";
        BatchLease? lease = null;
        await UntilAsync(
            async () =>
            {
                lease = await store.TryAcquireLeaseAsync(stream, owner, LeaseFor, cancellationToken).ConfigureAwait(false);
                return lease is not null;
            },
            LeaseWithin,
            cancellationToken).ConfigureAwait(false);
        return lease ?? throw new ViewStoreException(
            $"A batch run of stream '{stream}' is under way, which must not see one edition before and another behind. Try again when it has ended.");
    }

    private async Task PromoteAsync(BatchLease lease, int edition, IReadOnlyList<PartialLayout> views, CancellationToken cancellationToken)
    {
        try
        {
            await store.PromoteAsync(lease, edition, views, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (IncompleteEditionException)
        {
            // It may only be a moment behind what answers. That is so if it soon comes as far as that is now.
            if (!await FollowsAsync(lease.Stream, edition, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }

        await store.HoldAsync(lease, HoldFor, cancellationToken).ConfigureAwait(false);
        try
        {
            await UntilAsync(
                async () =>
                {
                    await store.PromoteAsync(lease, edition, views, cancellationToken).ConfigureAwait(false);
                    return true;
                },
                HoldFor,
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await store.HoldAsync(lease, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether an edition soon comes as far as what answers is now.</summary>
    private async Task<bool> FollowsAsync(string stream, int edition, CancellationToken cancellationToken)
    {
        // A partition that the stream gets meanwhile has ended nowhere.
        long[] ends = [.. (await FindAsync(stream, edition, cancellationToken).ConfigureAwait(false)).Partitions.Select(partition => partition.End)];
        return await UntilAsync(
            async () => (await FindAsync(stream, edition, cancellationToken).ConfigureAwait(false)).Partitions
                .All(partition => partition.Partition >= ends.Length || partition.NextOffset >= ends[partition.Partition]),
            FollowWithin,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries until it is so, or time is up.</summary>
    /// <exception cref="IncompleteEditionException">The last attempt ended with it.</exception>
    private async Task<bool> UntilAsync(Func<Task<bool>> attempt, TimeSpan within, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            bool isLast = time.GetElapsedTime(started) >= within;
            try
            {
                if (await attempt().ConfigureAwait(false) is var result && (result || isLast))
                {
                    return result;
                }
            }
            catch (IncompleteEditionException) when (!isLast)
            {
                // Not yet.
            }

            await Task.Delay(TryInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
