using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task Partials_of_one_key_and_start_are_told_apart_by_their_positions()
    {
        PartialLayout view = Sample.View() with { Addressing = PartialAddressing.Position };
        PartitionClaim claim = await StartAsync(view);
        await Store.CommitAsync(Sample.Commit(claim, 10, Placed(view, (0, 7, 1), (0, 8, 2), (1, 7, 4))), Token);
        await Store.CommitAsync(Sample.Commit(claim, 11, Placed(view, (0, 8, 3), (0, long.MaxValue, 5))), Token);
        string[] expected = ["0/7:1", "0/8:3", "0/9223372036854775807:5", "1/7:4"];
        Assert.Equal(expected, Places((await ReadAsync(view, ReadScope.Speed)).Speed));

        long generation = await PublishAsync(await LeaseAsync(), new Boundary([0]), Placed(view, (3, 4, 5)));
        await ReopenAsync();
        ViewSnapshot reopened = await ReadAsync(view, ReadScope.Merged);
        Assert.Equal(expected, Places(reopened.Speed));
        Assert.Equal(["3/4:5"], Places(reopened.Batch[PartialKind.Kept]));
        await foreach (PartialBatch batch in Store.ReadGenerationAsync(view, generation, PartialKind.Kept, WindowRange.All, KeyPiece.All, Token))
        {
            Assert.Equal(["3/4:5"], Places(batch));
        }
    }

    [Fact]
    public async Task A_version_cannot_change_how_its_partials_are_addressed()
    {
        await StartAsync(Sample.View());
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.RegisterAsync(Sample.Registration(1, Sample.View() with { Addressing = PartialAddressing.Position }), Token));
    }

    /// <summary>
    /// <code>
    /// offset                      0   1   2 |  3   4 |  5   6 |  7   8 ||  9
    /// hours from now             -6  -5  -3 | -5  -2 | +4  -6 | -5  -4 || -3
    /// windows as read            [-6, -2)   | [-5,-1)| [+4,+8)| [-5,-1)||
    /// </code>
    /// The windows at 0 and 3 go whole, though events of theirs reach over the present. The one at 5 has not ended, and without it those behind it would
    /// not be what they were.
    /// </summary>
    [Fact]
    public async Task Windows_of_an_order_expire_whole_and_from_the_beginning_of_their_key()
    {
        PartialLayout view = Sample.View() with { Addressing = PartialAddressing.Position };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch events = new(view);
        int[] hours = [-6, -5, -3, -5, -2, 4, -6, -5, -4];
        for (int offset = 0; offset < hours.Length; offset++)
        {
            AddPlaced(events, "kept", hours[offset], offset);
            AddPlaced(events, null, hours[offset], offset);
        }

        AddPlaced(events, "single", -9, 0);
        AddPlaced(events, "single", -9, 1);
        await SealAsync(claim, 9, events);
        PartialBatch behind = new(view);
        AddPlaced(behind, "kept", -3, 9);
        await Store.CommitAsync(Sample.Commit(claim with { Epoch = 2 }, 20, behind), Token);

        // The other key has removed events: what is kept of it makes up other windows than those as read.
        PartialBatch kept = new(view);
        PartialBatch asRead = new(view);
        foreach (int first in (int[])[0, 3, 5, 7])
        {
            AddPlaced(kept, "kept", hours[first], first);
            AddPlaced(asRead, null, hours[first], first);
        }

        AddPlaced(kept, null, 9, 1);
        AddPlaced(kept, null, -9, 6);
        AddPlaced(kept, "single", -9, 0);
        BatchLease lease = await LeaseAsync();
        await PublishAsync(lease, asRead, kept);
        Time.Advance(TimeSpan.FromDays(1));
        await PublishAsync(lease, asRead, kept);
        await Store.ExpireAsync(lease, Time.GetUtcNow().AddDays(-1).AddSeconds(1), Token);

        string[] left = ["kept 5", "kept 6", "kept 7", "kept 8", "kept 9", "null 5", "null 6", "null 7", "null 8", "single 0", "single 1"];
        PartialBatch speed = (await ReadAsync(view, ReadScope.Speed)).Speed;
        Assert.Equal(
            left,
            Enumerable.Range(0, speed.Count).Select(row => $"{speed.Keys[0].GetValue(row) ?? "null"} {speed.Positions![row].Offset}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_window_of_an_order_expires_that_an_event_superseded_since_can_be_in()
    {
        PartialLayout view = Sample.View() with { Addressing = PartialAddressing.Position };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch events = new(view);
        AddPlaced(events, "a", -20, 0);
        await SealAsync(claim, 1, events);
        BatchLease lease = await LeaseAsync();
        PartialBatch first = new(view);
        AddPlaced(first, "a", -20, 0);
        await PublishAsync(lease, new Boundary([1]), first);
        Time.Advance(TimeSpan.FromDays(1));
        PartialBatch later = new(view);
        AddPlaced(later, "a", -40, 1);
        await SealAsync(claim with { Epoch = 2 }, 2, later);
        PartialBatch second = new(view);
        AddPlaced(second, "a", -44, 0);
        AddPlaced(second, "a", -40, 1);
        await PublishAsync(lease, new Boundary([2]), second);

        await Store.ExpireAsync(lease, Time.GetUtcNow().AddHours(-1), Token);

        // The event at -40 - 24 h can be in a window that began four hours and a microsecond before it, and no such window expires.
        Assert.Equal(2, (await ReadAsync(view, ReadScope.Speed)).Speed.Count);
    }

    [Fact]
    public async Task Corrections_of_windows_that_begin_at_the_same_instant_keep_their_positions()
    {
        PartialLayout view = Sample.View() with { Addressing = PartialAddressing.Position };
        await StartAsync(view);
        Correction first = new(
            view.View, view.Version, "{}", Sample.Hour, 2 * Sample.Hour, null, "{}", new CorrectionReasons(0, 1, 0, 0), new EventPosition(0, 7));
        Correction second = first with { First = new EventPosition(0, 9) };
        Correction other = first with { First = new EventPosition(2, 1) };
        await PublishWithAsync(await LeaseAsync(), view, [other, second, first], []);

        Assert.Equal(
            [first, second, other], (await Store.ReadCorrectionsAsync(view, WindowRange.All, 10, Token)).Select(published => published.Correction));
    }

    private async Task PublishAsync(BatchLease lease, PartialBatch asRead, PartialBatch kept)
    {
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(7, new Boundary([9]), [kept.Layout]), Token);
        await Store.WriteGenerationAsync(lease, generation, PartialKind.Kept, kept, Token);
        await Store.WriteGenerationAsync(lease, generation, PartialKind.AsRead, asRead, Token);
        await Store.PublishAsync(lease, generation, Sample.Published(generation, Time.GetUtcNow()), Token);
    }

    /// <summary>A partial of one event and four hours.</summary>
    private void AddPlaced(PartialBatch batch, string? key, int hoursFromNow, long offset, int partition = 0)
    {
        int hour = (int)((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerHour) + hoursFromNow;
        PartialBatch one = new(batch.Layout);
        Sample.Add(one, key, hour, 0, 1);
        one.Ends.Clear();
        one.Ends.Add((hour + 4) * Sample.Hour);
        one.Positions!.Add(new EventPosition(partition, offset));
        batch.AddFrom(one, 0);
    }

    /// <summary>Rows of one key and hour, by partition, offset and number of events.</summary>
    private static PartialBatch Placed(PartialLayout layout, params (int Partition, long Offset, long Events)[] rows)
    {
        PartialBatch batch = new(layout);
        foreach ((int partition, long offset, long events) in rows)
        {
            Sample.Add(batch, "a", 1, 0, events);
            batch.Positions!.Add(new EventPosition(partition, offset));
        }

        return batch;
    }

    private static IReadOnlyList<string> Places(PartialBatch batch) =>
    [
        .. Enumerable.Range(0, batch.Count)
            .Select(row => $"{batch.Positions![row].Partition}/{batch.Positions[row].Offset}:{batch.EventCounts[row]}")
            .Order(StringComparer.Ordinal),
    ];
}
