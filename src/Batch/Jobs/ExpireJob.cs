using Hangfire;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Expiry as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class ExpireJob(BatchRunner runner, ILogger<ExpireJob> logger)
{
    /// <summary>Removes what comparisons no longer need. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Expire {0}")]
    public async Task RunAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            await runner.ExpireAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.JobFailed(logger, error, stream, "expire");
            throw;
        }
    }
}
