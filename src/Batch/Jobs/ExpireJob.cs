using Hangfire;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Expiry as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class ExpireJob(BatchRunner runner, ILogger<ExpireJob> logger)
{
    /// <summary>Removes what comparisons no longer need. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Expire {0}")]
    public Task RunAsync(string stream, CancellationToken cancellationToken) =>
        LoggedWork.RunAsync(logger, stream, "expire", () => runner.ExpireAsync(stream, cancellationToken), cancellationToken);
}
