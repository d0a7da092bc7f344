using Lambda.Definition;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Speed.Assignment;
using Lambda.Speed.Partitions;
using Lambda.Speed.Replays;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed;

/// <summary>
/// Computes all views continuously, over the partitions that the group of all processes gives to this one: one task for each. A process that stops commits
/// what it has and leaves the group, so that others go on at once.
/// </summary>
internal sealed class SpeedLayer(
    Catalog catalog,
    IEventLog log,
    IPartitionGroup group,
    ISpeedStore store,
    IEditionStore editions,
    IArchivedRecords archive,
    SpeedOptions options,
    TimeProvider time,
    CommittedOffsets committed,
    SpeedMetrics metrics,
    ILogger<SpeedLayer> logger) : BackgroundService
{
    private readonly Dictionary<string, StreamPlan> _plans = catalog.Streams.ToDictionary(stream => stream.Name, stream => new StreamPlan(stream));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (StreamDefinition stream in catalog.Streams)
        {
            await log.EnsureStreamAsync(stream.Name, stream.Partitions, stoppingToken);
        }

        using ReplaySupervisor replays = new(_plans, log, archive, store, editions, options, time, metrics, logger);
        committed.Advanced += group.ReportCommitted;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task replaying = replays.RunAsync(ended.Token);
        try
        {
            await group.RunAsync([.. _plans.Keys], new AssignedPartitions(metrics, partition => Follow(partition, replays)), stoppingToken);
        }
        finally
        {
            await ended.CancelAsync();
            await replaying;
            committed.Advanced -= group.ReportCommitted;
        }
    }

    private PartitionFollower Follow(StreamPartition partition, ReplaySupervisor replays)
    {
        PartitionTask task = new(_plans[partition.Stream], partition.Partition, log, store, options, time, committed, metrics);
        Patience patience = new(partition, log, store, options, time);
        return new PartitionFollower(partition, task, new NewPartitions(log, store, logger), patience, replays, options, time, committed, metrics, logger);
    }
}
