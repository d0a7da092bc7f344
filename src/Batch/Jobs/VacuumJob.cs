using Hangfire;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Vacuum as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class VacuumJob(BatchRunner runner, ILogger<VacuumJob> logger)
{
    /// <summary>Deletes what no version needs. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Vacuum {0}")]
    public async Task RunAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            await runner.VacuumAsync(stream, VacuumMode.Delete, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.JobFailed(logger, error, stream, "vacuum");
            throw;
        }
    }
}
