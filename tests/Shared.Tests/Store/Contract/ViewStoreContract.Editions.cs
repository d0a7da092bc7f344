using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task An_edition_that_does_not_answer_is_not_read_and_leaves_what_answers_alone()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1))), Token);
        Assert.Empty(await Store.ReadEditionsAsync(Sample.Stream, Token));

        EditionInfo replay = await ReplayAsync(view);
        Assert.Equal((1, EditionState.Replaying, false, 10), (replay.Edition, replay.State, replay.IsComplete, replay.Missing));
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        Assert.Equal((1, replay.Lane, 1, 0), (beside.Epoch, beside.Lane, beside.Edition, beside.NextOffset));
        await Store.CommitAsync(Of(beside, 10, Sample.Batch(view, ("b", 1, 5))), Token);

        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(view));
        Assert.Equal(["a|1|0|1|10"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
        Assert.Equal((10, 0), ((await Store.ReadStreamAsync(Sample.Stream, Token))!.Partitions[0].NextOffset, (await Store.ReadStreamAsync(Sample.Stream, Token))!.Edition));
        Assert.Single(await Store.ReadEpochsAsync(Sample.Stream, Token));
        await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("a", 1, 2))), Token);
        Assert.Equal(["a|1|0|2|20"], await SpeedRowsAsync(view));
        IReadOnlyList<EditionInfo> all = await Store.ReadEditionsAsync(Sample.Stream, Token);
        Assert.Equal([EditionState.Live, EditionState.Replaying], all.Select(edition => edition.State));
        Assert.Equal(new EditionProgress(0, 0, 10, 20), Assert.Single(all[1].Partitions));
    }

    [Fact]
    public async Task A_promoted_edition_is_read_claimed_and_committed_in_place_of_the_one_before_which_can_come_back()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1))), Token);
        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 10, Sample.Batch(view, ("b", 1, 5))), Token);
        long before = Store.CommitSequence;
        await PromoteAsync(1, view);

        Assert.True(Store.CommitSequence > before);
        Assert.Equal(["b|1|0|5|50"], await SpeedRowsAsync(view));
        Assert.Equal(1, (await Store.ReadStreamAsync(Sample.Stream, Token))!.Edition);

        // Neither owner knows yet.
        await Assert.ThrowsAsync<EditionChangedException>(() => Store.CommitAsync(Sample.Commit(claim, 20), Token).AsTask());
        await Assert.ThrowsAsync<EditionChangedException>(() => Store.CommitAsync(Of(beside, 20), Token).AsTask());
        await Assert.ThrowsAsync<EditionChangedException>(() => Store.ClaimAsync(replay.Lane, 0, Token).AsTask());

        PartitionClaim next = await Store.ClaimAsync(Sample.Stream, 0, Token);
        Assert.Equal((1, null, 2, 10), (next.Edition, next.Lane, next.Epoch, next.NextOffset));
        await Store.CommitAsync(Sample.Commit(next, 20, Sample.Batch(view, ("b", 1, 1))) with { Edition = 1 }, Token);
        Assert.Equal(["b|1|0|1|10", "b|1|0|5|50"], await SpeedRowsAsync(view));

        EditionInfo kept = (await Store.ReadEditionsAsync(Sample.Stream, Token)).Single(edition => edition.State == EditionState.Kept);
        Assert.Equal((0, 10, view.Version), (kept.Edition, kept.Missing, kept.Views[view.View]));
        await Assert.ThrowsAsync<IncompleteEditionException>(() => PromoteAsync(0, view));
        PartitionClaim old = await Store.ClaimAsync(kept.Lane, 0, Token);
        await Store.CommitAsync(Of(old, 20, Sample.Batch(view, ("a", 2, 7))), Token);
        await PromoteAsync(0, view);
        Assert.Equal(["a|1|0|1|10", "a|2|0|7|70"], await SpeedRowsAsync(view));
        await ReopenAsync();
        Assert.Equal(["a|1|0|1|10", "a|2|0|7|70"], await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task Since_when_an_edition_answers_is_told_once_it_was_promoted_and_not_of_the_one_that_began_with_the_stream()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        await ReplayAsync(view);
        Assert.Equal([null, null], (await Store.ReadEditionsAsync(Sample.Stream, Token)).Select(edition => edition.ServedAt));

        await PromoteAsync(1, view);
        IReadOnlyList<EditionInfo> changed = await Store.ReadEditionsAsync(Sample.Stream, Token);
        Assert.Null(changed[0].ServedAt);
        Assert.Equal(changed[0].LeftAt, changed[1].ServedAt);
        Assert.NotNull(changed[1].ServedAt);

        Time.Advance(TimeSpan.FromSeconds(1));
        await PromoteAsync(0, view);
        IReadOnlyList<EditionInfo> back = await Store.ReadEditionsAsync(Sample.Stream, Token);
        Assert.Equal(back[1].LeftAt, back[0].ServedAt);
        Assert.NotNull(back[0].ServedAt);
    }

    [Fact]
    public async Task Only_a_complete_edition_of_what_is_declared_can_be_promoted_and_only_under_the_lease()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10), Token);
        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 9), Token);

        Assert.Contains("at offset 9 of 10", (await Assert.ThrowsAsync<IncompleteEditionException>(() => PromoteAsync(1, view))).Message, StringComparison.Ordinal);
        await Store.CommitAsync(Of(beside, 10), Token);
        await Assert.ThrowsAsync<ViewStoreException>(() => PromoteAsync(0, view));
        await Assert.ThrowsAsync<ViewStoreException>(() => PromoteAsync(7, view));
        PartialLayout other = Sample.View(version: "00000000000000b2");
        Assert.Contains("definition was changed", (await Assert.ThrowsAsync<ViewStoreException>(() => PromoteAsync(1, other))).Message, StringComparison.Ordinal);
        BatchLease lease = await LeaseAsync();
        await Store.ReleaseLeaseAsync(lease, Token);
        await Assert.ThrowsAsync<FencedException>(() => Store.PromoteAsync(lease, 1, [view], Token).AsTask());
        Assert.Equal(0, (await Store.ReadStreamAsync(Sample.Stream, Token))!.Edition);
    }

    [Fact]
    public async Task An_edition_learns_how_far_it_may_go_and_where_its_epochs_have_to_end()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10);
        await SealAsync(claim with { Epoch = 2 }, 20);
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 3 }, 25), Token);
        await ReplayAsync(view);

        Assert.Equal(new FollowBound(25, 10), await Store.ReadFollowBoundAsync(Sample.Stream, 0, 0, Token));
        Assert.Equal(new FollowBound(25, 10), await Store.ReadFollowBoundAsync(Sample.Stream, 0, 10, Token));
        Assert.Equal(new FollowBound(25, 20), await Store.ReadFollowBoundAsync(Sample.Stream, 0, 11, Token));
        Assert.Equal(new FollowBound(25, null), await Store.ReadFollowBoundAsync(Sample.Stream, 0, 21, Token));

        // No boundary can come to lie before the one that is served.
        await PublishAsync(await LeaseAsync(), new Boundary([20]), Sample.Batch(view, ("a", 1, 1)));
        Assert.Equal(new FollowBound(25, 20), await Store.ReadFollowBoundAsync(Sample.Stream, 0, 0, Token));
    }

    [Fact]
    public async Task The_boundary_that_is_served_holds_for_the_edition_that_takes_over()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", 1, 2))), Token);
        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 5, Sample.Batch(view, ("b", 1, 1))), Token);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("c", 1, 1)));

        // An epoch that would lie on both sides is refused.
        await Assert.ThrowsAsync<ViewStoreException>(() => Store.CommitAsync(Of(beside, 20, Sample.Batch(view, ("b", 1, 2))), Token).AsTask());
        await Store.CommitAsync(Of(beside, 10, Sample.Batch(view, ("b", 1, 2))) with { EpochEnd = EpochEnd.Seal }, Token);
        await Store.CommitAsync(Of(beside with { Epoch = 2 }, 20, Sample.Batch(view, ("b", 1, 4))), Token);
        await Store.PromoteAsync(lease, 1, [view], Token);

        ViewSnapshot merged = await ReadAsync(view, ReadScope.Merged);
        Assert.Equal(["c|1|0|1|10"], Sample.Rows(merged.Batch[PartialKind.Kept]));
        Assert.Equal(["b|1|0|4|40"], Sample.Rows(merged.Speed));
        Assert.Equal(["b|1|0|2|20"], Sample.Rows((await ReadAsync(view, ReadScope.Comparison)).Speed));
        Assert.Equal(new Boundary([0]), merged.Coverage);
        List<string> below = [];
        await foreach (PartialBatch partials in Store.ReadSpeedAsync(view, new Boundary([0]), new Boundary([10]), WindowRange.All, KeyPiece.All, Token))
        {
            below.AddRange(Sample.Rows(partials));
        }

        Assert.Equal(["b|1|0|2|20"], below);
        await Assert.ThrowsAsync<ViewStoreException>(() => PublishAsync(lease, new Boundary([15]), Sample.Batch(view, ("c", 1, 1))));
    }

    [Fact]
    public async Task A_version_that_is_newer_than_the_stream_is_whole_once_an_edition_with_it_is_promoted()
    {
        PartialLayout old = Sample.View();
        PartialLayout view = Sample.View(version: "00000000000000b2");
        PartitionClaim claim = await StartAsync(old);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(old, ("a", 1, 1))), Token);
        claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("a", 2, 1))), Token);
        Assert.Equal(new Boundary([10]), (await ReadAsync(view, ReadScope.Speed)).Coverage);

        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 20, Sample.Batch(view, ("a", 1, 1), ("a", 2, 1))), Token);
        Assert.Equal(new Boundary([10]), (await ReadAsync(view, ReadScope.Speed)).Coverage);
        await PromoteAsync(1, view);
        Assert.Equal(new Boundary([0]), (await ReadAsync(view, ReadScope.Speed)).Coverage);
        Assert.Equal(["a|1|0|1|10", "a|2|0|1|10"], await SpeedRowsAsync(view));

        // What was withdrawn is with the edition before, and begins anew where the stream is now.
        claim = await StartAsync(old);
        await Store.CommitAsync(Sample.Commit(claim, 30, Sample.Batch(old, ("a", 3, 1))) with { Edition = 1 }, Token);
        Assert.Equal(new Boundary([20]), (await ReadAsync(old, ReadScope.Speed)).Coverage);
        Assert.Equal(["a|3|0|1|10"], await SpeedRowsAsync(old));
    }

    [Fact]
    public async Task Of_several_who_begin_a_replay_at_once_one_does()
    {
        PartialLayout view = Sample.View();
        await StartAsync(view);
        Task<EditionInfo>[] begun = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReplayAsync(view), Token))];

        await Assert.ThrowsAsync<ViewStoreException>(() => Task.WhenAll(begun));

        _ = Assert.Single(begun, task => task.IsCompletedSuccessfully);
        Assert.Equal([0, 1], (await Store.ReadEditionsAsync(Sample.Stream, Token)).Select(edition => edition.Edition));
    }

    [Fact]
    public async Task A_dropped_edition_leaves_nothing_and_its_number_is_not_used_again()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 10, Sample.Batch(view, ("b", 1, 5))) with { EpochEnd = EpochEnd.Seal }, Token);
        await Store.DropEditionAsync(Sample.Stream, 1, Token);

        await Assert.ThrowsAsync<EditionChangedException>(() => Store.CommitAsync(Of(beside with { Epoch = 2 }, 10), Token).AsTask());
        Assert.Equal([0], (await Store.ReadEditionsAsync(Sample.Stream, Token)).Select(edition => edition.Edition));
        await Assert.ThrowsAsync<ViewStoreException>(() => Store.DropEditionAsync(Sample.Stream, 1, Token).AsTask());
        await Assert.ThrowsAsync<ViewStoreException>(() => Store.DropEditionAsync(Sample.Stream, 0, Token).AsTask());
        Assert.Equal(["a|1|0|1|10"], await SpeedRowsAsync(view));
        replay = await ReplayAsync(view);
        Assert.Equal(2, replay.Edition);
        beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        Assert.Equal((1, 0), (beside.Epoch, beside.NextOffset));
        await Store.CommitAsync(Of(beside, 10), Token);
        await PromoteAsync(2, view);
        Assert.Empty(await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task Owners_are_told_to_hold_until_they_are_let_go_on_or_time_is_up()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        EditionInfo replay = await ReplayAsync(view);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        BatchLease lease = await LeaseAsync();
        await Store.HoldAsync(lease, TimeSpan.FromSeconds(10), Token);
        Assert.Equal(SealRequest.Hold, await Store.CommitAsync(Sample.Commit(claim, 10), Token));
        Assert.Equal(SealRequest.Hold, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
        Assert.Equal(SealRequest.None, await Store.CommitAsync(Of(beside, 10), Token));
        Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(SealRequest.None, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
        await Store.HoldAsync(lease, TimeSpan.FromSeconds(10), Token);
        await Store.RequestSealAsync(Sample.Stream, Token);
        Assert.Equal(SealRequest.Hold, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
        await Store.HoldAsync(lease, TimeSpan.Zero, Token);
        Assert.Equal(SealRequest.Pending, await Store.ReadSealRequestAsync(Sample.Stream, 0, Token));
    }

    [Fact]
    public async Task Expiry_looks_at_the_edition_that_answers_and_removes_those_before_it()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view, Visits);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)), SessionOf("a", 1));
        EditionInfo replay = await ReplayAsync(view, Visits);
        PartitionClaim beside = await Store.ClaimAsync(replay.Lane, 0, Token);
        await Store.CommitAsync(Of(beside, 10, Sample.Batch(view, ("b", 1, 5)), SessionOf("b", 1)) with { EpochEnd = EpochEnd.Seal }, Token);
        await Store.CommitAsync(Of(beside with { Epoch = 2 }, 10) with { MaxEventTime = 900 * Sample.Hour }, Token);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("c", 1, 1)), SessionOf("c", 1));
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("c", 1, 1)), SessionOf("c", 1));
        Time.Advance(TimeSpan.FromSeconds(1));

        // The first edition's events of that session are the newest of its partition, so it would stay; nothing of the replay may go.
        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);
        Assert.Empty(await SpeedRowsAsync(view));
        await Store.PromoteAsync(lease, 1, [view, Visits], Token);
        Assert.Equal(["b|1|0|5|50"], await SpeedRowsAsync(view));
        Assert.Single((await ReadAsync(Visits, ReadScope.Speed)).Speed.EventCounts.Values[..1].ToArray());
        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);
        Assert.Equal(2, (await Store.ReadEditionsAsync(Sample.Stream, Token)).Count);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);
        Assert.Equal([1], (await Store.ReadEditionsAsync(Sample.Stream, Token)).Select(edition => edition.Edition));
        Assert.Empty(await SpeedRowsAsync(view));
        Assert.Equal(0, (await ReadAsync(Visits, ReadScope.Speed)).Speed.Count);
    }

    private static PartialLayout Visits => Sample.View("sessions") with { Addressing = PartialAddressing.Session };

    private static PartialBatch SessionOf(string key, int hour)
    {
        PartialBatch batch = Sample.Batch(Visits, (key, hour, 1));
        batch.LiveSessions?.Starts.Add(hour * Sample.Hour);
        batch.LiveSessions?.Ends.Add((hour + 1) * Sample.Hour);
        return batch;
    }

    private static SpeedCommit Of(PartitionClaim claim, long nextOffset, params PartialBatch[] partials) =>
        Sample.Commit(claim, nextOffset, partials) with { Stream = claim.Lane ?? Sample.Stream, Edition = claim.Edition };

    private async Task<EditionInfo> ReplayAsync(params PartialLayout[] views)
    {
        int edition = await Store.BeginReplayAsync(Sample.Stream, views, new Boundary([0]), Token);
        return (await Store.ReadEditionsAsync(Sample.Stream, Token)).Single(known => known.Edition == edition);
    }

    private async Task PromoteAsync(int edition, params PartialLayout[] views)
    {
        BatchLease lease = await LeaseAsync();
        await Store.PromoteAsync(lease, edition, views, Token);
    }
}
