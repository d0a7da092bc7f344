using Lambda.Definition;
using Lambda.Log;
using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed;

/// <summary>
/// Computes all views continuously: one task per partition of every stream. A task that loses its partition to another owner ends; one that meets
/// an error of the log or the store starts again from the store.
/// </summary>
internal sealed class SpeedLayer(
    Catalog catalog,
    IEventLog log,
    ISpeedStore store,
    SpeedOptions options,
    TimeProvider time,
    CommittedOffsets committed,
    SpeedMetrics metrics,
    ILogger<SpeedLayer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> tasks = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            int partitions = await log.EnsureStreamAsync(stream.Name, stream.Partitions, stoppingToken);
            StreamPlan plan = new(stream);
            for (int partition = 0; partition < partitions; partition++)
            {
                int number = partition;
                metrics.OnAssigned(stream.Name, number);
                tasks.Add(Task.Run(() => FollowAsync(plan, number, stoppingToken), CancellationToken.None));
            }
        }

        metrics.OnJoined();
        await Task.WhenAll(tasks);
    }

    private async Task FollowAsync(StreamPlan plan, int partition, CancellationToken stoppingToken)
    {
        string stream = plan.Stream.Name;
        PartitionTask task = new(plan, partition, log, store, options, time, committed, metrics);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await task.RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (FencedException)
            {
                metrics.OnFenced(stream, partition);
                SpeedLog.Fenced(logger, stream, partition);
                return;
            }
            catch (OffsetTrimmedException error)
            {
                // Going on would leave out events that were acknowledged; a person has to decide.
                metrics.OnStopped(stream, partition, error);
                SpeedLog.OffsetsLost(logger, error, stream, partition);
                return;
            }
            catch (Exception error)
            {
                // One partition's trouble must not end the others; nothing computed since the last commit counts.
                metrics.OnRestart(stream, partition, error);
                SpeedLog.Restarting(logger, error, stream, partition, options.RestartDelay);
                await Task.Delay(options.RestartDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
