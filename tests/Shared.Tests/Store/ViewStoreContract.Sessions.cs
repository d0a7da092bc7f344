using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Store;

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
        await SealAsync(claim, 10, Sessions(("a", 1, 0, (1, 5)), ("b", 1, 0, (1, 2)), ("c", 1, 1, (1, 5))));
        await Store.CommitAsync(Sample.Commit(0, claim.Fence, claim.Epoch + 1, 20, Sessions(("a", 3, 0, (1, 4)), (null, 4, 0, (3, 6)))), Token);
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

    [Fact]
    public async Task Session_partials_of_generations_keep_their_columns()
    {
        await StartAsync(SessionView);
        await PublishAsync(await LeaseAsync(), new Boundary([0]), Sessions(("a", 1, 0, (1, 2)), (null, 3, 0, (3, 4))));
        PartialBatch kept = (await ReadAsync(SessionView, ReadScope.Merged)).Batch[PartialKind.Kept];
        Assert.Equal(["a 1: 1-2", "null 3: 3-4"], Live(kept));
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

    private async Task<IReadOnlyList<string>> LiveAsync(long endingAt) =>
        Live(await Store.ReadLiveSessionsAsync(SessionView, 0, endingAt, Token));
}
