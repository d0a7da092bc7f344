using Lambda.Log;
using Lambda.Store;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_stream_that_is_new_begins_where_its_log_begins_and_keeps_that()
    {
        StreamRegistration registration = Sample.Registration(2, Sample.View());
        await Store.RegisterAsync(registration with { Starts = new Boundary([0, 5_000]) }, Token);
        await Store.RegisterAsync(registration with { Starts = new Boundary([7, 6_000]) }, Token);

        Assert.Equal(new PartitionClaim(1, 1, 5_000, null), await Store.ClaimAsync(Sample.Stream, 1, Token));
        await ReopenAsync();

        StreamStatus status = (await Store.ReadStreamAsync(Sample.Stream, Token))!;
        Assert.Equal(new Boundary([0, 5_000]), status.Starts);
        Assert.Equal([0, 5_000], status.Partitions.Select(partition => partition.NextOffset));
        Assert.Equal(new Boundary([0, 5_000]), (await ReadAsync(Sample.View(), ReadScope.Speed)).Coverage);
        Assert.Equal([new EpochInfo(1, 1, new OffsetRange(5_000, 5_000), EpochState.Open)], await Store.ReadEpochsAsync(Sample.Stream, Token));
    }

    [Fact]
    public async Task Accepted_gaps_stay_known_and_each_once()
    {
        await Store.RegisterAsync(Sample.Registration(2, Sample.View()), Token);
        LogGap late = new(Sample.Stream, 1, new OffsetRange(3, 9), Time.GetUtcNow());
        LogGap early = new(Sample.Stream, 0, new OffsetRange(0, 4), Time.GetUtcNow());
        await Store.AcceptGapAsync(late, Token);
        await Store.AcceptGapAsync(early, Token);
        await Store.AcceptGapAsync(late with { AcceptedAt = Time.GetUtcNow().AddDays(1) }, Token);

        await ReopenAsync();

        Assert.Equal([early, late], await Store.ReadGapsAsync(Sample.Stream, Token));
        Assert.Empty(await Store.ReadGapsAsync("others", Token));
    }

    [Fact]
    public async Task A_gap_of_nothing_or_of_an_unknown_partition_is_refused()
    {
        await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
        LogGap gap = new(Sample.Stream, 0, new OffsetRange(3, 3), Time.GetUtcNow());

        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.AcceptGapAsync(gap, Token));
        await Assert.ThrowsAsync<ViewStoreException>(
            async () => await Store.AcceptGapAsync(gap with { Partition = 4, Offsets = new OffsetRange(3, 4) }, Token));
    }
}
