using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Tests.Store.Contract;

/// <summary>What every view store promises. An implementation derives from it once and adds nothing but how a store is opened.</summary>
public abstract partial class ViewStoreContract : IAsyncLifetime
{
    private IViewStore? _store;

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private protected IViewStore Store => _store ?? throw new InvalidOperationException("Not opened.");

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await DropAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the store of this test; a second call after the first was disposed finds the same data.</summary>
    private protected abstract Task<IViewStore> OpenAsync();

    /// <summary>Removes the data of this test.</summary>
    private protected abstract ValueTask DropAsync();

    private protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
    }

    private async Task<PartitionClaim> StartAsync(params PartialLayout[] views)
    {
        await Store.RegisterAsync(Sample.Registration(1, views), Token);
        return await Store.ClaimAsync(Sample.Stream, 0, Token);
    }

    private async Task<BatchLease> LeaseAsync(string owner = "a") =>
        await Store.TryAcquireLeaseAsync(Sample.Stream, owner, TimeSpan.FromMinutes(1), Token)
        ?? throw new InvalidOperationException("The lease is taken.");

    private async Task<long> PublishAsync(BatchLease lease, Boundary boundary, params PartialBatch[] kept)
    {
        long generation = await Store.BeginGenerationAsync(lease, new GenerationPlan(7, boundary, [.. kept.Select(b => b.Layout)]), Token);
        foreach (PartialBatch partials in kept)
        {
            await Store.WriteGenerationAsync(lease, generation, PartialKind.Kept, partials, Token);
        }

        await Store.PublishAsync(lease, generation, Sample.Published(generation, Time.GetUtcNow()), Token);
        return generation;
    }

    private async Task<ViewSnapshot> ReadAsync(PartialLayout view, ReadScope scope) =>
        await Store.ReadViewAsync(Sample.Read(view, scope), Token);

    private async Task<IReadOnlyList<string>> SpeedRowsAsync(PartialLayout view) =>
        Sample.Rows((await ReadAsync(view, ReadScope.Speed)).Speed);

    private async Task SealAsync(PartitionClaim claim, long nextOffset, params PartialBatch[] partials) =>
        await Store.CommitAsync(Sample.Commit(claim, nextOffset, partials) with { EpochEnd = EpochEnd.Seal }, Token);
}
