using Lambda.Store;
using Lambda.Views;
using Xunit;

namespace Lambda.Tests.Store;

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
        await foreach (PartialBatch batch in Store.ReadGenerationAsync(view, generation, PartialKind.Kept, Token))
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
