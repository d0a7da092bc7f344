using Hangfire;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Going back to an earlier generation as a Hangfire job: so it shows why that was refused.</summary>
internal sealed class RollBackJob(BatchRunner runner, ILogger<RollBackJob> logger)
{
    /// <summary>Has the generation serve again. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Roll back {0} to generation {1}")]
    public async Task RunAsync(string stream, long generation, CancellationToken cancellationToken)
    {
        try
        {
            await runner.RollBackAsync(stream, generation, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.OrderedJobFailed(logger, error, stream, "rollback");
            throw;
        }
    }
}
