using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    /// <summary>
    /// A writer commits one event per offset and publishes again and again, so that at any instant the events that a merged read adds up are
    /// exactly the committed offset that the same read shows. A read that mixed two instants would break that.
    /// </summary>
    [Fact]
    public async Task A_read_never_mixes_two_instants()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        BatchLease lease = await LeaseAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => CheckReadsAsync(view, stop.Token), Token))];
        long epoch = claim.Epoch;
        long sealedAt = 0;
        for (long offset = 1; offset <= 150; offset++)
        {
            bool seals = offset % 5 == 0;
            await Store.CommitAsync(
                Sample.Commit(0, claim.Fence, epoch, offset, Sample.Batch(view, ("a", 1, offset - sealedAt)))
                    with
                { EpochEnd = seals ? EpochEnd.Seal : EpochEnd.KeepOpen },
                Token);
            if (seals)
            {
                epoch++;
                sealedAt = offset;
            }

            if (offset % 10 == 3 && sealedAt > 0)
            {
                await PublishAsync(lease, new Boundary([sealedAt]), Sample.Batch(view, ("a", 1, sealedAt)));
                await Store.ExpireAsync(lease, Time.GetUtcNow().AddSeconds(1), Token);
            }
        }

        await stop.CancelAsync();
        int[] reads = await Task.WhenAll(readers);
        Assert.All(reads, count => Assert.True(count > 5, $"Only {count} reads were made."));
        Assert.Equal(150, await CheckReadAsync(view));
    }

    [Fact]
    public async Task A_long_read_sees_what_was_there_when_it_began_and_does_not_hold_up_commits()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        var many = new PartialBatch(view);
        for (int i = 0; i < 100_000; i++)
        {
            Sample.Add(many, "a", i, 0, 1);
        }

        await SealAsync(claim, 10, many);
        long read = 0;
        await foreach (PartialBatch batch in Store.ReadSpeedAsync(view, new Boundary([0]), new Boundary([10]), WindowRange.All, KeyPiece.All, Token))
        {
            if (read == 0)
            {
                await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("b", 1, 1)));
                BatchLease lease = await LeaseAsync();
                await PublishAsync(lease, new Boundary([20]), Sample.Batch(view, ("a", 1, 1)));
                await Store.ExpireAsync(lease, DateTimeOffset.MaxValue, Token);
            }

            read += batch.Count;
        }

        Assert.Equal(100_000, read);
        Assert.Empty(await SpeedRowsAsync(view));
    }

    private async Task<int> CheckReadsAsync(PartialLayout view, CancellationToken stop)
    {
        int reads = 0;
        while (!stop.IsCancellationRequested)
        {
            await CheckReadAsync(view);
            reads++;
        }

        return reads;
    }

    private async Task<long> CheckReadAsync(PartialLayout view)
    {
        ViewSnapshot snapshot = await ReadAsync(view, ReadScope.Merged);
        long batch = snapshot.Batch.Values.Sum(Events);
        Assert.Equal(snapshot.Stream.Partitions[0].NextOffset, batch + Events(snapshot.Speed));
        Assert.Equal(snapshot.Generation?.Boundary[0] ?? 0, batch);
        Assert.Equal(snapshot.Generation?.Generation, snapshot.Stream.CurrentGeneration?.Generation);
        return batch + Events(snapshot.Speed);
    }

    private static long Events(PartialBatch batch) => batch.EventCounts.Values.ToArray().Sum();
}
