using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_view_version_is_covered_from_where_the_partitions_were_when_it_was_new()
    {
        PartialLayout first = Sample.View();
        PartialLayout second = Sample.View(version: "00000000000000c3");
        PartitionClaim claim = await StartAsync(first);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(first, ("a", 1, 1))), Token);
        await Store.RegisterAsync(Sample.Registration(1, first, second), Token);
        Assert.Equal(new Boundary([0]), (await ReadAsync(first, ReadScope.Merged)).Coverage);
        Assert.Equal(new Boundary([10]), (await ReadAsync(second, ReadScope.Merged)).Coverage);
        await Store.CommitAsync(Sample.Commit(claim, 20), Token);
        await Store.RegisterAsync(Sample.Registration(1, first, second), Token);
        Assert.Equal(new Boundary([10]), (await ReadAsync(second, ReadScope.Merged)).Coverage);
        Assert.Single(await SpeedRowsAsync(first));
        Assert.Empty(await SpeedRowsAsync(second));
    }

    [Fact]
    public async Task How_much_of_a_stream_is_computed_for_views_is_read_with_where_it_stands()
    {
        PartialLayout first = Sample.View();
        PartialLayout second = Sample.View(version: "00000000000000c3");
        PartitionClaim claim = await StartAsync(first);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(first, ("a", 1, 1))), Token);
        await Store.RegisterAsync(Sample.Registration(1, first, second), Token);

        StreamCoverage coverage = await Store.ReadCoverageAsync(Sample.Stream, [second, first], Token);

        Assert.Equal(10, coverage.Stream!.Partitions.Single().NextOffset);
        Assert.Equal([new Boundary([10]), new Boundary([0])], coverage.Views.Select(view => view.From));
        Assert.Equal((await ReadAsync(second, ReadScope.Merged)).ComparableFrom, coverage.Views[0].ComparableFrom);
        Assert.Null((await Store.ReadCoverageAsync("unheard", [], Token)).Stream);
    }

    [Fact]
    public async Task A_version_that_comes_back_after_the_stream_went_on_without_it_is_covered_anew()
    {
        PartialLayout first = Sample.View();
        PartialLayout second = Sample.View(version: "00000000000000c3");
        PartitionClaim claim = await StartAsync(first);
        await SealAsync(claim, 10, Sample.Batch(first, ("a", 1, 1)));
        await Store.RegisterAsync(Sample.Registration(1, second), Token);
        await Store.RegisterAsync(Sample.Registration(1, first), Token);
        Assert.Equal(new Boundary([0]), (await ReadAsync(first, ReadScope.Merged)).Coverage);
        Assert.Single(await SpeedRowsAsync(first));

        await Store.RegisterAsync(Sample.Registration(1, second), Token);
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(second, ("a", 1, 1)));
        await Store.RegisterAsync(Sample.Registration(1, first), Token);
        Assert.Equal(new Boundary([20]), (await ReadAsync(first, ReadScope.Merged)).Coverage);
        Assert.Empty(await SpeedRowsAsync(first));
    }

    [Fact]
    public async Task A_generation_without_the_view_version_is_not_its_generation()
    {
        PartialLayout first = Sample.View();
        PartialLayout second = Sample.View(version: "00000000000000c3");
        PartitionClaim claim = await StartAsync(first, second);
        await SealAsync(claim, 10, Sample.Batch(first, ("a", 1, 1)), Sample.Batch(second, ("b", 1, 1)));
        long generation = await PublishAsync(await LeaseAsync(), new Boundary([10]), Sample.Batch(first, ("a", 1, 1)));
        ViewSnapshot snapshot = await ReadAsync(second, ReadScope.Merged);
        Assert.Null(snapshot.Generation);
        Assert.Equal(generation, snapshot.Stream.CurrentGeneration!.Generation);
        Assert.Equal(["b|1|0|1|10"], Sample.Rows(snapshot.Speed));
    }

    [Fact]
    public async Task A_version_that_the_current_generation_has_lost_is_answered_by_the_newest_that_held_it()
    {
        PartialLayout first = Sample.View();
        PartialLayout second = Sample.View(version: "00000000000000c3");
        PartitionClaim claim = await StartAsync(first, second);
        await SealAsync(claim, 10, Sample.Batch(first, ("a", 1, 1)), Sample.Batch(second, ("b", 1, 1)));
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([0]), Sample.Batch(first));
        long held = await PublishAsync(lease, new Boundary([10]), Sample.Batch(first, ("a", 1, 2)));
        long current = await PublishAsync(lease, new Boundary([10]), Sample.Batch(second, ("b", 1, 3)));
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(first, ("a", 1, 5)), Sample.Batch(second, ("b", 1, 7)));

        ViewSnapshot old = await ReadAsync(first, ReadScope.Merged);
        ViewSnapshot now = await ReadAsync(second, ReadScope.Merged);

        Assert.Equal((held, current), (old.Generation!.Generation, now.Generation!.Generation));
        Assert.Equal(current, old.Stream.CurrentGeneration!.Generation);
        Assert.Equal(["a|1|0|2|20"], Sample.Rows(old.Batch[PartialKind.Kept]));
        Assert.Equal(["a|1|0|5|50"], Sample.Rows(old.Speed));
        Assert.Equal(["b|1|0|3|30"], Sample.Rows(now.Batch[PartialKind.Kept]));
        Assert.Equal(["b|1|0|7|70"], Sample.Rows(now.Speed));
    }

    [Fact]
    public async Task Names_of_views_may_hold_anything_and_differ_in_case_only()
    {
        string[] names = ["Delays", "delays", "a\"b", "a'b", "a b; --", "verspätet 🚀", "select", "speed_1"];
        PartialLayout[] views = [.. names.Select(name => Sample.View(name))];
        PartitionClaim claim = await StartAsync(views);
        await Store.CommitAsync(
            Sample.Commit(claim, 10, [.. views.Select((view, i) => Sample.Batch(view, (names[i], 1, i + 1)))]), Token);
        await ReopenAsync();
        for (int i = 0; i < names.Length; i++)
        {
            Assert.Equal([$"{names[i]}|1|0|{i + 1}|{(i + 1) * 10}"], await SpeedRowsAsync(views[i]));
        }
    }

    [Fact]
    public async Task A_stream_loses_no_partitions_and_a_version_keeps_its_columns()
    {
        await Store.RegisterAsync(Sample.Registration(2, Sample.View()), Token);
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token));
        PartialLayout other = Sample.View() with { States = [new PartialColumn("total", ColumnType.Double, false)] };
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.RegisterAsync(Sample.Registration(2, other), Token));
        await Assert.ThrowsAsync<ViewStoreException>(async () => await ReadAsync(Sample.View("unknown"), ReadScope.Merged));
        Assert.Null(await Store.ReadStreamAsync("unknown", Token));
        await Assert.ThrowsAsync<ViewStoreException>(async () => await Store.ClaimAsync(Sample.Stream, 2, Token));
    }

    [Fact]
    public async Task Reads_take_slices_that_overlap_the_range_and_keys_that_match()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        PartialBatch rows = Sample.Batch(view, ("a", 1, 1), ("a", 2, 2), ("a", 3, 3), (null, 2, 4), ("", 2, 5), ("x'y\\x41\0z", 2, 6));
        await Store.CommitAsync(Sample.Commit(claim, 10, rows), Token);
        Assert.Equal(["a|2|0|2|20"], await KeyRowsAsync(view, new WindowRange(2 * Sample.Hour, 3 * Sample.Hour), "a"));
        Assert.Equal(["a|1|0|1|10", "a|2|0|2|20"], await KeyRowsAsync(view, new WindowRange((2 * Sample.Hour) - 1, (2 * Sample.Hour) + 1), "a"));
        Assert.Equal(["null|2|0|4|40"], await KeyRowsAsync(view, WindowRange.All, null));
        Assert.Equal(["|2|0|5|50"], await KeyRowsAsync(view, WindowRange.All, ""));
        Assert.Equal(["x'y\\x41\0z|2|0|6|60"], await KeyRowsAsync(view, WindowRange.All, "x'y\\x41\0z"));
        Assert.Empty(await KeyRowsAsync(view, WindowRange.All, "A"));
        await Assert.ThrowsAsync<ViewStoreException>(async () => await KeyRowsAsync(view, WindowRange.All, 5));
        var unknownPart = new Dictionary<int, object?> { [1] = "a" };
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.ReadViewAsync(new ViewRead(view, WindowRange.All, unknownPart, ReadScope.Merged), Token));
    }

    [Fact]
    public async Task What_was_committed_is_there_after_the_store_was_opened_again()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 1, 1))), Token);
        long generation = await PublishAsync(await LeaseAsync(), new Boundary([0]), Sample.Batch(view, ("b", 1, 1)));
        await ReopenAsync();
        ViewSnapshot snapshot = await ReadAsync(view, ReadScope.Merged);
        Assert.Equal(["a|1|0|1|10"], Sample.Rows(snapshot.Speed));
        Assert.Equal(["b|1|0|1|10"], Sample.Rows(snapshot.Batch[PartialKind.Kept]));
        Assert.Equal(generation, snapshot.Generation!.Generation);
        Assert.Equal(new PartitionClaim(claim.Fence + 1, 2, 10, 77), await Store.ClaimAsync(Sample.Stream, 0, Token));
    }

    private async Task<IReadOnlyList<string>> KeyRowsAsync(PartialLayout view, WindowRange range, object? key)
    {
        var parts = new Dictionary<int, object?> { [0] = key };
        return Sample.Rows((await Store.ReadViewAsync(new ViewRead(view, range, parts, ReadScope.Merged), Token)).Speed);
    }
}
