using Lambda.Definition;
using Lambda.Health;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Health;

/// <summary>The store does its job when it answers and knows every stream.</summary>
internal sealed class StoreHealth(Catalog catalog, IStreamStore store) : IHealthSource
{
    public string Part => "store";

    public async ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken)
    {
        List<ItemHealth> items = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            string? reason = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is null
                ? "The store does not know the stream yet."
                : null;
            items.Add(new ItemHealth(stream.Name, reason is null ? HealthState.Ready : HealthState.NotReady, reason));
        }

        return PartHealth.Of(items);
    }
}
