using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Audit;
using Lambda.Batch.Tests.Support;
using Lambda.Store;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>What runs refuse, more than they hand to the store at once, where no speed layer has quarantined it.</summary>
public sealed class RunQuarantineTests
{
    private const int Bad = 25_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_records_that_cannot_be_decoded_are_quarantined_once_and_none_before_the_audit_has_passed()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(e => e.RowCount(1))));
        for (int i = 0; i < Bad; i++)
        {
            platform.Append(i % Orders.Partitions, "no event"u8.ToArray());
        }

        Assert.Equal(RunOutcome.Blocked, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(0, await CountAsync(platform));

        platform.Append(0, Parcel.Of(1).ToJson());
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(Bad, await CountAsync(platform));

        platform.Append(0, "another"u8.ToArray());
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(Bad + 1, await CountAsync(platform));
    }

    private static async Task<long> CountAsync(Platform platform) =>
        (await platform.Store.ReadQuarantineAsync(Orders.Stream, QuarantineFilter.Any, 1, Cancellation)).Total;
}
