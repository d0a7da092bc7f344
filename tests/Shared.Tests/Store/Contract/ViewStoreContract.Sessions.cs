using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    private static readonly PartialLayout SessionView = Sample.View() with { Addressing = PartialAddressing.Session };

    [Fact]
    public async Task A_partial_of_no_events_takes_the_place_of_one_that_is_no_more()
    {
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Sample.Batch(view, ("a", 2, 1), ("b", 2, 2), (null, 2, 3))), Token);
        await Store.CommitAsync(Sample.Commit(claim, 20, Sample.Batch(view, ("a", 2, 0), ("a", 1, 4), ("c", 7, 0))), Token);
        Assert.Equal(["a|1|0|4|40", "b|2|0|2|20", "null|2|0|3|30"], await SpeedRowsAsync(view));
    }

    [Fact]
    public async Task Live_sessions_are_read_back_over_all_epochs_of_a_partition()
    {
        await Store.RegisterAsync(Sample.Registration(2, SessionView), Token);
        PartitionClaim claim = await Store.ClaimAsync(Sample.Stream, 0, Token);
        PartitionClaim other = await Store.ClaimAsync(Sample.Stream, 1, Token);
        await SealAtAsync(4, claim, 10, Sessions(("a", 1, 0, (1, 5)), ("b", 1, 0, (1, 2)), ("c", 1, 1, (1, 5))));
        await Store.CommitAsync(
            Sample.Commit(0, claim.Fence, claim.Epoch + 1, 20, Sessions(("a", 3, 0, (1, 4)), (null, 4, 0, (3, 6)))) with
            {
                MaxEventTime = 5 * Sample.Hour,
            },
            Token);
        await Store.CommitAsync(Sample.Commit(1, other.Fence, other.Epoch, 20, Sessions(("a", 1, 0, (1, 9)))), Token);
        claim = await Store.ClaimAsync(Sample.Stream, 0, Token);
        Assert.Equal(["a 1: 1-5", "a 3: 1-4", "null 4: 3-6"], await LiveAsync(4 * Sample.Hour));
        Assert.Equal(["a 1: 1-5", "null 4: 3-6"], await LiveAsync((4 * Sample.Hour) + 1));
        Assert.Empty(await LiveAsync(long.MaxValue));
        Assert.Equal(["a 1: 1-5", "a 3: 1-4", "b 1: 1-2", "null 4: 3-6"], await LiveAsync(long.MinValue));

        await Store.CommitAsync(Sample.Commit(claim, 30, Sessions(("a", 1, 0, (0, 5)))), Token);
        await ReopenAsync();
        Assert.Equal(["a 1: 0-5", "a 1: 1-5", "null 4: 3-6"], await LiveAsync(5 * Sample.Hour));
    }

    /// <summary>
    /// <code>
    /// epoch 1   a 1-3, last event at 2
    /// epoch 2   nothing of a; b 4-6, last event at 5
    /// epoch 3   a 2-4, an event that came an hour late; last event still at 5
    /// epoch 4   c 9-10, last event at 9
    /// </code>
    /// </summary>
    [Fact]
    public async Task Live_sessions_are_found_in_epochs_behind_those_that_have_none()
    {
        PartitionClaim claim = await StartAsync(SessionView);
        await SealAtAsync(2, claim, 10, Sessions(("a", 1, 0, (1, 3))));
        await SealAtAsync(5, claim with { Epoch = 2 }, 20, Sessions(("b", 4, 0, (4, 6))));
        await SealAtAsync(5, claim with { Epoch = 3 }, 30, Sessions(("a", 2, 0, (2, 4))));
        await Store.CommitAsync(
            Sample.Commit(claim with { Epoch = 4 }, 40, Sessions(("c", 9, 0, (9, 10)))) with { MaxEventTime = 9 * Sample.Hour }, Token);
        await Store.ClaimAsync(Sample.Stream, 0, Token);
        await ReopenAsync();

        Assert.Equal(["a 1: 1-3", "a 2: 2-4", "b 4: 4-6", "c 9: 9-10"], await LiveAsync(3 * Sample.Hour));
        Assert.Equal(["a 2: 2-4", "b 4: 4-6", "c 9: 9-10"], await LiveAsync(4 * Sample.Hour));
        Assert.Equal(["b 4: 4-6", "c 9: 9-10"], await LiveAsync(6 * Sample.Hour));
        Assert.Equal(["c 9: 9-10"], await LiveAsync((6 * Sample.Hour) + 1));
        Assert.Empty(await LiveAsync((10 * Sample.Hour) + 1));
    }

    [Fact]
    public async Task Session_partials_of_generations_keep_their_columns()
    {
        await StartAsync(SessionView);
        await PublishAsync(await LeaseAsync(), new Boundary([0]), Sessions(("a", 1, 0, (1, 2)), (null, 3, 0, (3, 4))));
        PartialBatch kept = (await ReadAsync(SessionView, ReadScope.Merged)).Batch[PartialKind.Kept];
        Assert.Equal(["a 1: 1-2", "null 3: 3-4"], Live(kept));
    }

    /// <summary>
    /// <code>
    /// hours from now    -9  -8  -7        -1   0   1
    /// whole             ====|===                              ended before the horizon, half an hour from now: goes
    /// reaching                            ====|===|====       its last part ends behind the horizon: stays
    /// tail              ====|===                              its second part is not superseded: stays
    /// live              ====|===                              took part, when its second part came, in a session that may be live still: stays
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_session_expires_as_a_whole_or_not_at_all()
    {
        PartitionClaim claim = await StartAsync(SessionView);
        int now = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 / Sample.Hour);
        (int, int) own = (now - 9, now - 8);
        await SealAsync(claim, 10, Sessions(
            ("whole", now - 9, 0, own), ("reaching", now - 1, 0, own), ("tail", now - 9, 0, own), ("live", now - 9, 0, own), (null, now - 9, 1, own)));
        await SealAsync(claim with { Epoch = 2 }, 20, Sessions(
            ("whole", now - 8, 1, own), ("reaching", now, 0, own), ("reaching", now + 1, 0, own), ("live", now - 8, 0, (now - 9, now + 7))));
        await Store.CommitAsync(
            Sample.Commit(claim with { Epoch = 3 }, 30, Sessions(("tail", now - 8, 0, own))) with { MaxEventTime = (now + 10) * Sample.Hour }, Token);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([20]), Sessions(("whole", now - 9, 0, own)));

        await Store.ExpireAsync(lease, Time.GetUtcNow().AddHours(-4), Token);
        Assert.Equal(10, (await SpeedRowsAsync(SessionView)).Count);
        Time.Advance(TimeSpan.FromHours(4.5));
        lease = await LeaseAsync();
        await Store.ExpireAsync(lease, Time.GetUtcNow().AddHours(-4), Token);

        Assert.Equal(
            ["live", "live", "reaching", "reaching", "reaching", "tail", "tail"],
            (await SpeedRowsAsync(SessionView)).Select(row => row.Split('|')[0]));
    }

    /// <summary>What was superseded only now stays comparable, and so does the session that it is part of, from its beginning.</summary>
    [Fact]
    public async Task Sessions_with_a_part_that_was_superseded_lately_stay_and_bound_what_expires()
    {
        PartitionClaim claim = await StartAsync(SessionView);
        await SealAsync(claim, 10, Sessions(("a", 1, 0, (1, 2)), ("a", 5, 0, (5, 6)), ("b", 3, 0, (3, 4)), ("c", 2, 0, (2, 3))));
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, new Boundary([10]), Sessions(("a", 1, 0, (1, 2))));
        Time.Advance(TimeSpan.FromHours(1));
        lease = await LeaseAsync();
        DateTimeOffset before = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromHours(1));
        lease = await LeaseAsync();
        await SealAsync(claim with { Epoch = 2 }, 20, Sessions(("b", 4, 0, (4, 5))));
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 3 }, 21) with { MaxEventTime = 99 * Sample.Hour }, Token);
        await PublishAsync(lease, new Boundary([20]), Sessions(("a", 1, 0, (1, 2))));

        await Store.ExpireAsync(lease, before, Token);

        // The session of c ends where that of b begins, and an event of c there would join it.
        Assert.Equal(["a|5|0|1|10", "b|3|0|1|10", "b|4|0|1|10", "c|2|0|1|10"], await SpeedRowsAsync(SessionView));
        Assert.Equal(3 * Sample.Hour, await ComparableFromAsync(SessionView));
    }

    /// <summary>Rows of key, hour of the start, missed, and the hours of the live session.</summary>
    private static PartialBatch Sessions(params (string? Key, int Hour, int Missed, (int Start, int End) Live)[] rows)
    {
        PartialBatch batch = new(SessionView);
        foreach ((string? key, int hour, int missed, (int start, int end)) in rows)
        {
            Sample.Add(batch, key, hour, missed, events: 1);
            batch.LiveSessions!.Add(new TimeWindow(start * Sample.Hour, end * Sample.Hour));
        }

        return batch;
    }

    private static IReadOnlyList<string> Live(PartialBatch batch) =>
    [
        .. Enumerable.Range(0, batch.Count)
            .Select(row => $"{((ColumnBuffer<string>)batch.Keys[0]).GetValue(row) ?? "null"} {batch.Starts[row] / Sample.Hour}: "
                + $"{batch.LiveSessions![row].Start / Sample.Hour}-{batch.LiveSessions[row].End / Sample.Hour}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Live sessions of the first partition, whose gap is an hour.</summary>
    private async Task<IReadOnlyList<string>> LiveAsync(long leastEnd) =>
        Live(await Store.ReadLiveSessionsAsync(SessionView, SessionView.Stream, 0, new LiveSessionBound(leastEnd, Sample.Hour), Token));

    /// <summary>Seals an epoch up to whose end the last event is of an hour.</summary>
    private async Task SealAtAsync(int hour, PartitionClaim claim, long nextOffset, params PartialBatch[] partials) => await Store.CommitAsync(
        Sample.Commit(claim, nextOffset, partials) with { MaxEventTime = hour * Sample.Hour, EpochEnd = EpochEnd.Seal }, Token);
}
