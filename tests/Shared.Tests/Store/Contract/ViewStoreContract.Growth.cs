using Lambda.Store;
using Lambda.Views;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_partition_that_is_added_begins_at_its_first_offset_and_is_covered_whole()
    {
        PartialLayout view = Sample.View();
        PartialLayout left = Sample.View("left");
        PartitionClaim first = await StartAsync(view, left);
        await SealAsync(first, 10, Sample.Batch(view, ("a", 1, 1)), Sample.Batch(left, ("a", 1, 1)));
        long generation = await PublishAsync(await LeaseAsync(), new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        await Store.RegisterAsync(Sample.Registration(1, view), Token);
        await Store.CommitAsync(Sample.Commit(first with { Epoch = 2 }, 12, Sample.Batch(view, ("a", 1, 2))), Token);

        Assert.Equal(2, await Store.GrowAsync(Sample.Stream, 3, Token));
        Assert.Equal(0, await Store.GrowAsync(Sample.Stream, 2, Token));
        await Store.RegisterAsync(Sample.Registration(3, view), Token);

        StreamStatus status = (await Store.ReadStreamAsync(Sample.Stream, Token))!;
        Assert.Equal([12, 0, 0], status.Partitions.Select(partition => partition.NextOffset));
        Assert.Equal((generation, new Boundary([10, 0, 0])), (status.CurrentGeneration!.Generation, status.CurrentGeneration.Boundary));
        PartitionClaim added = await Store.ClaimAsync(Sample.Stream, 2, Token);
        Assert.Equal(new PartitionClaim(1, 1, 0, null), added);
        await Store.CommitAsync(Sample.Commit(2, added.Fence, added.Epoch, 5, Sample.Batch(view, ("a", 1, 4))), Token);
        await ReopenAsync();

        ViewSnapshot merged = await ReadAsync(view, ReadScope.Merged);
        Assert.Equal(new Boundary([0, 0, 0]), merged.Coverage);
        Assert.Equal(["a|1|0|2|20", "a|1|0|4|40"], Sample.Rows(merged.Speed));
        Assert.Equal(["a|1|0|1|10"], Sample.Rows(merged.Batch[PartialKind.Kept]));

        // A version that nobody computes begins where partitions are when it is taken up again: those before are missing.
        await Store.RegisterAsync(Sample.Registration(3, view, left), Token);
        Assert.Equal(new Boundary([12, 0, 5]), (await ReadAsync(left, ReadScope.Speed)).Coverage);
    }

    [Fact]
    public async Task A_generation_that_was_begun_before_a_stream_grew_is_published_and_the_next_covers_what_was_added()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        BatchLease lease = await LeaseAsync();
        long begun = await Store.BeginGenerationAsync(lease, new GenerationPlan(7, new Boundary([10]), [view]), Token);
        await Store.RegisterAsync(Sample.Registration(2, view), Token);
        await Store.WriteGenerationAsync(lease, begun, PartialKind.Kept, Sample.Batch(view, ("a", 1, 1)), Token);
        await Store.PublishAsync(lease, begun, Sample.Published(begun, Time.GetUtcNow()), Token);
        PartitionClaim added = await Store.ClaimAsync(Sample.Stream, 1, Token);
        await Store.CommitAsync(Sample.Commit(1, added.Fence, 1, 7, Sample.Batch(view, ("b", 1, 3))) with { EpochEnd = EpochEnd.Seal }, Token);
        Assert.Equal(["b|1|0|3|30"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));

        await Assert.ThrowsAsync<ViewStoreException>(() => Store.BeginGenerationAsync(lease, new GenerationPlan(8, new Boundary([10]), [view]), Token).AsTask());
        await PublishAsync(lease, new Boundary([10, 7]), Sample.Batch(view, ("a", 1, 1), ("b", 1, 3)));
        Assert.Empty(Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
        Assert.Equal(["a|1|0|1|10", "b|1|0|3|30"], Sample.Rows((await ReadAsync(view, ReadScope.Comparison)).Speed));
        await Store.RollBackAsync(lease, begun, Token);
        Assert.Equal(["b|1|0|3|30"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
    }

    /// <summary>A run of the batch layer has its boundaries from before.</summary>
    [Fact]
    public async Task What_is_computed_of_a_partition_that_was_added_lies_behind_boundaries_that_do_not_have_it()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await Store.GrowAsync(Sample.Stream, 2, Token);
        PartitionClaim added = await Store.ClaimAsync(Sample.Stream, 1, Token);
        await Store.CommitAsync(Sample.Commit(1, added.Fence, added.Epoch, 5, Sample.Batch(view, ("b", 1, 1))) with { EpochEnd = EpochEnd.Seal }, Token);

        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(view, 0, 10));
    }

    /// <summary>Who begins it has looked how far the history reaches a moment before. No process computed the added partition of the replay then.</summary>
    [Fact]
    public async Task A_replay_that_is_begun_while_its_stream_grows_has_all_partitions()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        await Store.GrowAsync(Sample.Stream, 2, Token);
        await Store.BeginReplayAsync(Sample.Stream, [view], new Boundary([7]), Token);
        Assert.Equal(new Boundary([7, 0]), (await Store.ReadEditionsAsync(Sample.Stream, Token))[1].ArchivedTo);

        await Store.GrowAsync(Sample.Stream, 3, Token);
        Assert.Equal(new Boundary([7, 0, 0]), (await Store.ReadEditionsAsync(Sample.Stream, Token))[1].ArchivedTo);
    }

    [Fact]
    public async Task A_stream_grows_in_all_of_its_editions()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1))), Token);
        EditionInfo replay = await ReplayAsync(view);
        await Store.GrowAsync(Sample.Stream, 2, Token);
        PartitionClaim live = await Store.ClaimAsync(Sample.Stream, 1, Token);
        await Store.CommitAsync(Sample.Commit(1, live.Fence, 1, 5, Sample.Batch(view, ("b", 1, 1))), Token);

        replay = (await Store.ReadEditionsAsync(Sample.Stream, Token)).Single(edition => edition.Edition == replay.Edition);
        Assert.Equal([new EditionProgress(0, 0, 0, 10), new EditionProgress(1, 0, 0, 5)], replay.Partitions);
        Assert.Equal(new Boundary([0, 0]), replay.ArchivedTo);
        PartitionClaim zero = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(zero, 10, Sample.Batch(view, ("c", 1, 1))), Token);
        await Assert.ThrowsAsync<IncompleteEditionException>(() => PromoteAsync(1, view));
        PartitionClaim one = await Store.ClaimAsync(replay.Lane, 1, Token);
        await Store.CommitAsync(Of(one, 5, Sample.Batch(view, ("d", 1, 1))) with { Partition = 1 }, Token);
        await PromoteAsync(1, view);

        ViewSnapshot snapshot = await ReadAsync(view, ReadScope.Speed);
        Assert.Equal(["c|1|0|1|10", "d|1|0|1|10"], Sample.Rows(snapshot.Speed));
        Assert.Equal(new Boundary([0, 0]), snapshot.Coverage);

        // The one before has all partitions too, and can come back.
        await Store.GrowAsync(Sample.Stream, 3, Token);
        await PromoteAsync(0, view);
        snapshot = await ReadAsync(view, ReadScope.Speed);
        Assert.Equal(["a|1|0|1|10", "b|1|0|1|10"], Sample.Rows(snapshot.Speed));
        Assert.Equal(new Boundary([0, 0, 0]), snapshot.Coverage);
    }

    [Fact]
    public async Task Two_that_have_a_stream_grow_at_once_add_its_partitions_once()
    {
        await StartAsync(Sample.View());
        int[] added = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.GrowAsync(Sample.Stream, 4, Token).AsTask(), Token)));
        Assert.Equal(3, added.Sum());
        Assert.Equal([0, 1, 2, 3], (await Store.ReadStreamAsync(Sample.Stream, Token))!.Partitions.Select(partition => partition.Partition));
        await Assert.ThrowsAsync<ViewStoreException>(() => Store.GrowAsync("unknown", 2, Token).AsTask());
        await Assert.ThrowsAsync<ViewStoreException>(() => Store.GrowAsync(Sample.Stream, EditionLane.Width + 1, Token).AsTask());
    }
}
