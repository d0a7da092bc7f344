using Hangfire;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>A part of a run as a Hangfire job, on a queue of its own. What fails is handed out again by the run, which knows whether it is still wanted.</summary>
internal sealed class PartJob(PartWorker worker, TimeProvider time, ILogger<PartJob> logger)
{
    /// <summary>The queue. Runs that wait for their parts are on another one, so that they can never keep parts from being computed.</summary>
    public const string Queue = "parts";

    /// <summary>Refusing is quicker than computing: without a pause, who refuses would take most parts from those who can compute them.</summary>
    public static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(5);

    /// <summary>Computes. Hangfire calls it.</summary>
    [Queue(Queue)]
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Part {2} of a run over {0}")]
    public async Task RunAsync(string stream, Guid run, int part, CancellationToken cancellationToken)
    {
        try
        {
            await worker.RunAsync(stream, run, part, cancellationToken).ConfigureAwait(false);
        }
        catch (PartRefusedException error)
        {
            BatchLog.PartRefused(logger, stream, part, run, error.Message);
            await Task.Delay(RefusalPause, time, cancellationToken).ConfigureAwait(false);
            throw;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.PartFailed(logger, error, stream, part, run);
            throw;
        }
    }
}
