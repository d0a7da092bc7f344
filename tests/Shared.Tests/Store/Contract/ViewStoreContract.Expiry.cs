using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task Expiry_removes_old_generations_and_superseded_speed_partials_and_says_from_when_layers_compare()
    {
        PartialLayout view = Sample.View();
        PartialLayout young = Sample.View("young");
        PartitionClaim claim = await StartAsync(view, young);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        await SealAsync(claim, 10, Sample.Batch(view, ("old", now - 5, 1), ("new", now + 5, 2)), Sample.Batch(young, ("old", now - 5, 1)));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("old", now - 5, 3))), Token);
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));

        // The windows ended long ago, as those of a history that is taken in do, but their speed partials have only now been superseded.
        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);
        Assert.Equal(3, (await SpeedRowsAsync(view)).Count);
        Time.Advance(TimeSpan.FromSeconds(1));
        long second = await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("a", 1, 2)));

        await Store.ExpireAsync(lease, Time.GetUtcNow().AddDays(-9), Token);
        Assert.Equal(3, (await SpeedRowsAsync(view)).Count);
        Assert.Equal(long.MinValue, await ComparableFromAsync(view));
        Assert.Equal(2, (await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Count);

        DateTimeOffset before = Time.GetUtcNow().AddSeconds(1);
        await Store.ExpireAsync(lease, before, Token);
        Assert.Equal([$"new|{now + 5}|0|2|20", $"old|{now - 5}|0|3|30"], await SpeedRowsAsync(view));
        Assert.Single(await SpeedRowsAsync(young));
        Assert.Equal(second, Assert.Single(await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Generation);
        Assert.Empty(await GenerationRowsAsync(view, first, PartialKind.Kept));
        Assert.Single(await GenerationRowsAsync(view, second, PartialKind.Kept));
        Assert.Equal((before - DateTimeOffset.UnixEpoch).Ticks / 10, await ComparableFromAsync(view));
        Assert.Equal(long.MinValue, await ComparableFromAsync(young));
    }

    /// <summary>
    /// <code>
    /// epochs of partition 0   | 1: 0–10 | 2: 10–20 | 3: 20–30 | 4: 30–40 | 5: open
    /// generations                       ^ expired              ^ kept     ^ current
    ///                         |---------- 3: 0–30 ------------|
    /// </code>
    /// </summary>
    [Fact]
    public async Task Epochs_that_end_before_the_boundaries_of_all_kept_generations_become_one_and_their_partials_are_still_read()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        BatchLease lease = await LeaseAsync();
        for (int epoch = 1; epoch <= 4; epoch++)
        {
            await SealAsync(claim with { Epoch = epoch }, epoch * 10, Sample.Batch(view, ("a", now + epoch, epoch)));
            if (epoch > 1)
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                await PublishAsync(lease, new Boundary([epoch * 10]), Sample.Batch(view, ("a", 1, epoch)));
            }
        }

        IReadOnlyList<string> rows = await SpeedRowsAsync(view);
        await Store.ExpireAsync(lease, Time.GetUtcNow().AddMilliseconds(-500), Token);

        Assert.Equal([40L, 30L], (await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Select(generation => generation.Boundary[0]).OrderDescending());
        Assert.Equal(["3: 0-30 Sealed", "4: 30-40 Sealed", "5: 40-40 Open"], await EpochsAsync());
        Assert.Equal(rows, await SpeedRowsAsync(view));
        Assert.Equal(3, (await SpeedRowsAsync(view, 0, 30)).Count);
        Assert.Equal(4, (await SpeedRowsAsync(view, 0, 40)).Count);
        Assert.Single(await SpeedRowsAsync(view, 30, 40));

        // What is merged merges again, and what a generation may go back to stays.
        await Store.RollBackAsync(lease, (await Store.ReadGenerationsAsync(Sample.Stream, 10, Token)).Min(generation => generation.Generation), Token);
        await SealAsync(claim with { Epoch = 5 }, 50, Sample.Batch(view, ("a", now + 5, 5)));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ViewStoreException>(() => PublishAsync(lease, new Boundary([45]), Sample.Batch(view, ("a", 1, 1))));
        await PublishAsync(lease, new Boundary([50]), Sample.Batch(view, ("a", 1, 1)));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);
        Assert.Equal(["5: 0-50 Sealed", "6: 50-50 Open"], await EpochsAsync());
        Assert.Equal(5, (await SpeedRowsAsync(view, 0, 50)).Count);

        async Task<string[]> EpochsAsync() =>
            [.. (await Store.ReadEpochsAsync(Sample.Stream, Token)).Select(epoch => $"{epoch.Epoch}: {epoch.Offsets.Start}-{epoch.Offsets.End} {epoch.State}")];
    }

    /// <summary>
    /// Windows of three hours that slide by one, whose slices are hours; one slice was superseded after the others.
    /// <code>
    /// slices                     |  -9 |  -8 |  -7 |  -6 |  -5 | -4 ... now
    /// superseded since then                              x
    /// windows with a part of it              [ - - - - - )
    ///                                              [ - - - - - )
    ///                                                    [ - - - - - )
    /// horizon                                ^ what ends here goes, windows that begin from here on are whole
    /// </code>
    /// </summary>
    [Fact]
    public async Task Expiry_leaves_windows_whole_that_overlap_and_begin_at_the_horizon_or_later()
    {
        PartialLayout view = Sample.View() with { WindowReach = 2 * Sample.Hour };
        PartialLayout everLate = Sample.View("ever_late");
        PartitionClaim claim = await StartAsync(view, everLate);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        await SealAsync(
            claim,
            10,
            Sample.Batch(view, [.. Enumerable.Range(now - 12, 12).Select(hour => ((string?)"a", hour, 1L))]),
            Sample.Batch(everLate, ("a", now - 2000, 1), ("a", now - 9, 1)));
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("a", 1, 1)), Sample.Batch(everLate, ("a", 1, 1)));
        Time.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset between = Time.GetUtcNow();
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", now - 6, 1)), Sample.Batch(everLate, ("a", now - 2000, 5)));
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(lease, new Boundary([20]), Sample.Batch(view, ("a", 1, 2)), Sample.Batch(everLate, ("a", 1, 2)));

        await Store.ExpireAsync(lease, between, Token);

        Assert.Equal((now - 8) * Sample.Hour, await ComparableFromAsync(view));
        Assert.Equal(
            [.. Enumerable.Range(now - 8, 8).Append(now - 6).Select(hour => $"a|{hour}|0|1|10").Order(StringComparer.Ordinal)],
            await SpeedRowsAsync(view));

        // A window that goes on for ever, or gets late events all the time, holds back its own view only.
        Assert.Equal(long.MinValue, await ComparableFromAsync(everLate));
        Assert.Equal(3, (await SpeedRowsAsync(everLate)).Count);
    }

    /// <summary>
    /// <code>
    /// hours        -4  -3  -2  -1 | 0   1
    /// windows      ====           |
    ///                          ===|===          has not ended at the instant: stays as a whole, and comparable
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(PartialAddressing.Interval)]
    [InlineData(PartialAddressing.Session)]
    internal async Task Windows_that_the_instant_falls_into_stay_comparable(PartialAddressing addressing)
    {
        PartialLayout view = Sample.View() with { Addressing = addressing };
        PartitionClaim claim = await StartAsync(view);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        PartialBatch partials = Sample.Batch(view, ("a", now - 4, 1), ("a", now, 1));
        partials.LiveSessions?.Add(new TimeWindow((now - 4) * Sample.Hour, (now - 3) * Sample.Hour));
        partials.LiveSessions?.Add(new TimeWindow(now * Sample.Hour, (now + 1) * Sample.Hour));
        await Store.CommitAsync(
            Sample.Commit(claim, 10, partials) with { EpochEnd = EpochEnd.Seal, MaxEventTime = (now + 99) * Sample.Hour }, Token);
        await PublishAsync(await LeaseAsync(), new Boundary([10]), partials);
        DateTimeOffset instant = Time.GetUtcNow().AddMinutes(10);
        Time.Advance(TimeSpan.FromHours(9));

        await Store.ExpireAsync(await LeaseAsync(), instant, Token);

        Assert.Equal([$"a|{now}|0|1|10"], await SpeedRowsAsync(view));
        Assert.Equal(now * Sample.Hour, await ComparableFromAsync(view));
    }

    /// <summary>
    /// What lies between the first and the second boundary was superseded before the instant, and once more after it.
    /// <code>
    /// first generation   [0, 10)   serves         serves again            can be gone back to
    /// second             [0, 20)         serves
    /// third              [0, 30)                                serves
    /// instant                             ^
    /// </code>
    /// </summary>
    [Fact]
    public async Task Speed_partials_behind_a_generation_that_was_gone_back_to_stay_for_as_long_as_it_is_kept()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", 1, 1)));
        await SealAsync(claim with { Epoch = 2 }, 20, Sample.Batch(view, ("a", 2, 2)));
        await SealAsync(claim with { Epoch = 3 }, 30, Sample.Batch(view, ("a", 3, 4)));
        BatchLease lease = await LeaseAsync();
        long first = await PublishAsync(lease, new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(lease, new Boundary([20]), Sample.Batch(view, ("a", 1, 1), ("a", 2, 2)));
        Time.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset instant = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.RollBackAsync(lease, first, Token);
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(lease, new Boundary([30]), Sample.Batch(view, ("a", 1, 1), ("a", 2, 2), ("a", 3, 4)));

        await Store.ExpireAsync(lease, instant, Token);

        Assert.Equal(["a|2|0|2|20", "a|3|0|4|40"], await SpeedRowsAsync(view));
        await Store.RollBackAsync(lease, first, Token);
        Assert.Equal(["a|2|0|2|20", "a|3|0|4|40"], Sample.Rows((await ReadAsync(view, ReadScope.Merged)).Speed));
    }

    [Fact]
    public async Task A_version_that_was_stored_without_the_reach_of_its_windows_expires_by_it_once_registered()
    {
        PartialLayout stored = Sample.View();
        PartialLayout view = stored with { WindowReach = 2 * Sample.Hour };
        PartitionClaim claim = await StartAsync(stored);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        await SealAsync(claim, 10, Sample.Batch(view, ("a", now - 9, 1), ("a", now - 1, 1)));
        await PublishAsync(await LeaseAsync(), new Boundary([10]), Sample.Batch(view, ("a", 1, 1)));
        Time.Advance(TimeSpan.FromSeconds(1));
        await ReopenAsync();
        await Store.RegisterAsync(Sample.Registration(1, view), Token);
        await ReopenAsync();
        BatchLease lease = await LeaseAsync();

        await Store.ExpireAsync(lease, Time.GetUtcNow(), Token);

        Assert.Equal(((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10) - (2 * Sample.Hour), await ComparableFromAsync(view));
        Assert.Equal([$"a|{now - 1}|0|1|10"], await SpeedRowsAsync(view));
    }

    private async Task<long> ComparableFromAsync(PartialLayout view) =>
        (await Store.ReadViewAsync(Sample.Read(view, ReadScope.Speed), Token)).ComparableFrom;
}
