using Lambda.Definition;
using Lambda.Health;
using Lambda.Log;
using Lambda.Views;

namespace Lambda.Hosting.Health;

/// <summary>The log does its job when it says of the first partition of every stream where it ends.</summary>
internal sealed class LogHealth(Catalog catalog, IEventLog log) : IHealthSource
{
    public string Part => "log";

    public async ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken) =>
        PartHealth.Of(await Task.WhenAll(catalog.Streams.Select(stream => CheckAsync(stream, cancellationToken))).ConfigureAwait(false));

    private async Task<ItemHealth> CheckAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        try
        {
            await log.GetOffsetsAsync(stream.Name, partition: 0, cancellationToken).ConfigureAwait(false);
            return new ItemHealth(stream.Name, HealthState.Ready, null);
        }
        catch (EventLogException error)
        {
            return new ItemHealth(stream.Name, HealthState.NotReady, error.Message);
        }
    }
}
