using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    [Fact]
    public async Task A_lease_keeps_others_out_until_it_runs_out()
    {
        await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
        BatchLease first = await LeaseAsync();
        Assert.Null(await Store.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromMinutes(1), Token));
        Time.Advance(TimeSpan.FromMinutes(1));
        BatchLease second = await LeaseAsync("b");
        Assert.True(second.Fence > first.Fence);
        await Assert.ThrowsAsync<FencedException>(async () => await Store.RenewLeaseAsync(first, TimeSpan.FromMinutes(1), Token));
        await Store.ReleaseLeaseAsync(first, Token);
        Assert.Null(await Store.TryAcquireLeaseAsync(Sample.Stream, "a", TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task A_renewed_lease_lasts_from_the_renewal_on_even_when_it_had_run_out_unnoticed()
    {
        await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
        BatchLease lease = await LeaseAsync();
        Time.Advance(TimeSpan.FromMinutes(5));
        await Store.RenewLeaseAsync(lease, TimeSpan.FromMinutes(1), Token);
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(await Store.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromMinutes(1), Token));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await Store.TryAcquireLeaseAsync(Sample.Stream, "b", TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task A_lease_that_was_given_back_is_free_and_worth_nothing()
    {
        PartialLayout view = Sample.View();
        await Store.RegisterAsync(Sample.Registration(1, view), Token);
        BatchLease first = await LeaseAsync();
        await Store.ReleaseLeaseAsync(first, Token);
        await Assert.ThrowsAsync<FencedException>(
            async () => await Store.BeginGenerationAsync(first, new GenerationPlan(1, new Boundary([0]), [view]), Token));
        Assert.True((await LeaseAsync("b")).Fence > first.Fence);
    }

    [Fact]
    public async Task Leases_of_different_streams_are_apart()
    {
        await Store.RegisterAsync(Sample.Registration(1, Sample.View()), Token);
        await Store.RegisterAsync(new StreamRegistration("Flights", 1, []), Token);
        await LeaseAsync();
        Assert.NotNull(await Store.TryAcquireLeaseAsync("Flights", "b", TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task Every_write_with_a_lost_lease_is_refused_and_changes_nothing()
    {
        PartialLayout view = Sample.View();
        await Store.RegisterAsync(Sample.Registration(1, view), Token);
        BatchLease lost = await LeaseAsync();
        long generation = await Store.BeginGenerationAsync(lost, new GenerationPlan(1, new Boundary([0]), [view]), Token);
        Time.Advance(TimeSpan.FromMinutes(2));
        await LeaseAsync("b");
        PartialBatch partials = Sample.Batch(view, ("a", 1, 1));
        await Assert.ThrowsAsync<FencedException>(
            async () => await Store.BeginGenerationAsync(lost, new GenerationPlan(1, new Boundary([0]), [view]), Token));
        await Assert.ThrowsAsync<FencedException>(
            async () => await Store.WriteGenerationAsync(lost, generation, PartialKind.Kept, partials, Token));
        await Assert.ThrowsAsync<FencedException>(
            async () => await Store.PublishAsync(lost, generation, Sample.Published(generation, Time.GetUtcNow()), Token));
        await Assert.ThrowsAsync<FencedException>(
            async () => await Store.RejectAsync(lost, generation, Sample.Report(generation, AuditOutcome.Blocked, Time.GetUtcNow()), Token));
        await Assert.ThrowsAsync<FencedException>(async () => await Store.ExpireAsync(lost, Time.GetUtcNow(), Token));
        GenerationInfo only = Assert.Single(await Store.ReadGenerationsAsync(Sample.Stream, 10, Token));
        Assert.Equal(GenerationState.Writing, only.State);
        Assert.Empty(await Store.ReadAuditsAsync(Sample.Stream, 10, Token));
        Assert.Empty(await GenerationRowsAsync(view, generation, PartialKind.Kept));
    }

    private async Task<IReadOnlyList<string>> GenerationRowsAsync(PartialLayout view, long generation, PartialKind kind)
    {
        var all = new PartialBatch(view);
        await foreach (PartialBatch batch in Store.ReadGenerationAsync(view, generation, kind, WindowRange.All, KeyPiece.All, Token))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                all.AddFrom(batch, row);
            }
        }

        return Sample.Rows(all);
    }
}
