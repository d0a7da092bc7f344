using Lambda.Health;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Speed.Health;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lambda.Speed;

/// <summary>Adds the speed layer to a host.</summary>
internal static class SpeedServices
{
    /// <summary>
    /// Adds the speed layer as a hosted service. Needs a Catalog, an IEventLog and an IViewStore in which the catalog's streams are registered; and an
    /// IPartitionGroup where more than one process takes part.
    /// </summary>
    public static IServiceCollection AddSpeedLayer(this IServiceCollection services, SpeedOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(options);
        services.AddSingleton<CommittedOffsets>();
        services.AddSingleton<SpeedMetrics>();
        services.AddSingleton<IHealthSource, SpeedHealth>();
        services.TryAddSingleton<IPartitionGroup>(provider => new SoleMemberGroup(
            provider.GetRequiredService<IEventLog>(), provider.GetRequiredService<TimeProvider>()));

        // Handed over rather than registered as an ISpeedStore of its own: the container would dispose the store once for each registration.
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<SpeedLayer>(
            provider, (ISpeedStore)provider.GetRequiredService<IViewStore>(), (IEditionStore)provider.GetRequiredService<IViewStore>()));
        services.TryAddSingleton<IArchivedRecords, NoArchivedRecords>();
        services.AddHostedService<LagSampler>();
        return services;
    }
}
