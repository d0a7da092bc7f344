using Lambda.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Telemetry;

/// <summary>
/// Asks the log now and then where the partitions of this process end, so that gauges know their lag without asking it at every look, and their tasks learn of a log that has lost what they
/// have computed. One question at a time, each with a limit; a log that does not answer leaves the lag as it was known.
/// </summary>
internal sealed class LagSampler(IEventLog log, SpeedMetrics metrics, SpeedOptions options, TimeProvider time, ILogger<LagSampler> logger)
    : BackgroundService
{
    /// <summary>Looks once at every partition.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        foreach (PartitionProgress progress in metrics.Board.Partitions)
        {
            using CancellationTokenSource limit = new(options.LagSampleInterval, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                long? committed = progress.NextOffset;
                OffsetRange offsets = await log.GetOffsetsAsync(progress.Stream, progress.Partition, either.Token).AsTask().WaitAsync(either.Token);
                progress.OnLogEnd(offsets.End, committed);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                SpeedLog.LagUnknown(logger, error, progress.Stream, progress.Partition);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(options.LagSampleInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SampleAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
